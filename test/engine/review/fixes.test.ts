import { describe, expect, it } from 'vitest';
import { parseSeries } from '../../../engine/patch/index.ts';
import {
  DEFAULT_OPTIONS,
  editPatch,
  openInput,
  reviewOpened,
  verifiedFixes,
} from '../../../engine/review/index.ts';
import { memoryTree } from '../../../engine/source/index.ts';
import { testParser } from '../parser.ts';

const BASE = `struct pool { struct mutex lock; int users; };

int pool_take(struct pool *pool, int id)
{
	int ret = 0;

	mutex_lock(&pool->lock);
	pool->users++;
	mutex_unlock(&pool->lock);
	return ret;
}

int pool_count(struct pool *pool)
{
	int users;

	mutex_lock(&pool->lock);
	users = pool->users;
	mutex_unlock(&pool->lock);
	return users;
}

int pool_watch(struct rw_semaphore *sem)
{
	down_read(sem);
	up_read(sem);
	return 0;
}

struct vm_area_struct *pool_area(struct mm_struct *mm, unsigned long at)
{
	struct vm_area_struct *area;

	area = lock_vma_under_rcu(mm, at);
	if (area)
		return area;
	guard(mmap_read_lock)(mm);
	return NULL;
}

int pool_fast(struct pool *pool)
{
#ifdef CONFIG_POOL_FAST
	mutex_lock(&pool->lock);
#endif
	pool->users++;
#ifdef CONFIG_POOL_FAST
	mutex_unlock(&pool->lock);
#endif
	return 0;
}
`;

/** A patch of lib/pool.c: two hunks, so that an edit of the first moves the second. */
const patch = (take: string, count: string) => `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -5,6 +5,${6 + take.split('\n').length - 1} @@ int pool_take(struct pool *pool, int id)
 	int ret = 0;
 
 	mutex_lock(&pool->lock);
${take} 	pool->users++;
 	mutex_unlock(&pool->lock);
 	return ret;
@@ -14,7 +${14 + take.split('\n').length - 1},${7 + count.split('\n').length - 1} @@ int pool_count(struct pool *pool)
 {
 	int users;
 
${count} 	mutex_lock(&pool->lock);
 	users = pool->users;
 	mutex_unlock(&pool->lock);
 	return users;
`;

/** What each fix of the finding of `rule` makes of the patch, by its title. */
async function fixed(text: string, rule: string): Promise<ReadonlyMap<string, string | null>> {
  const tree = memoryTree(
    new Map([
      ['lib/pool.c', BASE],
      ['Makefile', 'VERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 0\n'],
    ]),
  );
  const parser = await testParser();
  const opened = await openInput({ name: 'a.patch', text }, tree, DEFAULT_OPTIONS, parser);
  const review = await reviewOpened(opened, DEFAULT_OPTIONS, parser);
  const finding = review.findings.find((one) => one.rule === rule);
  if (!finding) throw new Error(`no ${rule} in ${JSON.stringify(review.findings.map((one) => one.rule))}`);
  const right = await verifiedFixes(opened.after, opened.scope.after, finding, new Map());
  const made = new Map<string, string | null>();
  for (const { title, edits } of right) {
    const inPatch = editPatch(opened.series, opened.images.files, text, edits);
    const lines = text.split('\n');
    for (const { from, to, lines: replacement } of inPatch ?? [])
      lines.splice(from - 1, to - from + 1, ...replacement);
    made.set(title, inPatch && lines.join('\n'));
  }
  // Whatever was made is a patch that reads without a complaint and has lost the finding.
  for (const [title, edited] of made) {
    if (edited === null) continue;
    const { problems } = await parseSeries(edited);
    expect(problems, title).toEqual([]);
    const again = await openInput({ name: 'a.patch', text: edited }, tree, DEFAULT_OPTIONS, parser);
    expect(again.notes, title).toEqual([]);
    const { findings } = await reviewOpened(again, DEFAULT_OPTIONS, parser);
    expect(
      findings.map((one) => one.rule),
      title,
    ).not.toContain(rule);
  }
  return made;
}

describe('a fix of a patch', () => {
  it('adds the missing unlock, in braces where the return had none, and counts its hunks anew', async () => {
    const made = await fixed(patch('+	if (id < 0)\n+		return -EINVAL;\n', ''), 'lock-leak');
    expect(made.get("Add 'mutex_unlock(&pool->lock);'")).toBe(
      `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -5,6 +5,10 @@ int pool_take(struct pool *pool, int id)
 	int ret = 0;
 
 	mutex_lock(&pool->lock);
+	if (id < 0) {
+		mutex_unlock(&pool->lock);
+		return -EINVAL;
+	}
 	pool->users++;
 	mutex_unlock(&pool->lock);
 	return ret;
@@ -14,7 +18,7 @@ int pool_count(struct pool *pool)
 {
 	int users;
 
 	mutex_lock(&pool->lock);
 	users = pool->users;
 	mutex_unlock(&pool->lock);
 	return users;
`,
    );
  });

  it('keeps the quotes of a mail', async () => {
    const quoted = patch('+	if (id < 0)\n+		return -EINVAL;\n', '')
      .replaceAll(/^/gm, '> ')
      .replace(/> $/, '');
    const made = await fixed(quoted, 'lock-leak');
    expect([...made.values()][0]).toContain('\n> +	if (id < 0) {\n> +		mutex_unlock(&pool->lock);\n');
  });

  it('takes a line of context away by a minus', async () => {
    const made = await fixed(
      patch(
        '',
        '+	mutex_lock(&pool->lock);\n+	mutex_unlock(&pool->lock);\n+	mutex_unlock(&pool->lock);\n',
      ),
      'unlock-not-held',
    );
    expect([...made.values()].some((text) => text?.includes('@@ -14,7 +14,9 @@'))).toBe(true);
  });

  it('jumps to the label behind which the same is returned', async () => {
    const text = `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -5,6 +5,9 @@ int pool_take(struct pool *pool, int id)
 	int ret = 0;
 
 	mutex_lock(&pool->lock);
+	if (id < 0)
+		return ret;
 	pool->users++;
+out:
 	mutex_unlock(&pool->lock);
 	return ret;
`;
    const made = await fixed(text, 'lock-leak');
    expect(made.get("Jump to 'out'")).toContain('+	if (id < 0)\n+		goto out;\n');
  });

  it('uses the release of the mode that the lock was taken in', async () => {
    const text = `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -25,5 +25,5 @@ int pool_watch(struct rw_semaphore *sem)
 {
 	down_read(sem);
-	up_read(sem);
+	up_write(sem);
 	return 0;
 }
`;
    const made = await fixed(text, 'wrong-mode');
    expect(made.get('Use up_read()')).toContain('-	up_read(sem);\n+	up_read(sem);\n');
  });

  const area = (added: string) => `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -38,5 +38,${5 + added.split('\n').length - 1} @@ struct vm_area_struct *pool_area(struct mm_struct *mm, unsigned long at)
 	if (area)
 		return area;
 	guard(mmap_read_lock)(mm);
${added} 	return NULL;
 }
`;

  it('looks up again, under the lock, what was not found without it', async () => {
    const made = await fixed(
      area('+	if (vma_start_read_locked(area))\n+		return area;\n'),
      'null-lock-argument',
    );
    expect(made.get("Look up 'area' again under the lock")).toContain(
      [
        ' 	guard(mmap_read_lock)(mm);',
        '+	area = vma_lookup(mm, at);',
        '+	if (!area)',
        '+		return NULL;',
        '+	if (vma_start_read_locked(area))',
        '+		return area;',
        ' 	return NULL;',
      ].join('\n'),
    );
    expect(made.get("Look up 'area' again under the lock")).toContain('@@ -38,5 +38,10 @@');
    expect(made.has("Leave with 'return NULL;' where 'area' is NULL")).toBe(true);
  });

  it('leaves before an operation on what is not there, and only by a return that is clean', async () => {
    const text = `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
@@ -1,5 +1,18 @@
 struct pool { struct mutex lock; int users; };
 
+int pool_name(struct pool *pools, int id)
+{
+	struct pool *pool = pool_find(pools, id);
+
+	if (!pool)
+		pool_miss(pools);
+	mutex_lock(&pool->lock);
+	pool->users++;
+	mutex_unlock(&pool->lock);
+	return 0;
+}
+
 int pool_take(struct pool *pool, int id)
 {
 	int ret = 0;
`;
    const made = await fixed(text.replace('+1,18', '+1,17'), 'null-lock-argument');
    expect([...made.keys()]).toEqual(["Leave with 'return 0;' where 'pool' is NULL"]);
    expect([...made.values()][0]).toContain('+	if (!pool)\n+		return 0;\n+	mutex_lock(&pool->lock);\n');
  });

  const fast = (before: string, lines: string) => `diff --git a/lib/pool.c b/lib/pool.c
--- a/lib/pool.c
+++ b/lib/pool.c
${before}
${lines}`;

  it('puts the other side under the same symbol', async () => {
    const text = fast(
      '@@ -50,7 +50,5 @@ int pool_fast(struct pool *pool)',
      ' #endif\n 	pool->users++;\n-#ifdef CONFIG_POOL_FAST\n 	mutex_unlock(&pool->lock);\n-#endif\n 	return 0;\n }\n',
    );
    const made = await fixed(text, 'config-imbalance');
    const both = made.get("Key 'mutex_unlock(&pool->lock);' on '#ifdef CONFIG_POOL_FAST' too");
    expect(both).toContain(
      '+#ifdef CONFIG_POOL_FAST\n-#ifdef CONFIG_POOL_FAST\n 	mutex_unlock(&pool->lock);\n+#endif\n-#endif\n',
    );
    expect(both).toContain('@@ -50,7 +50,7 @@');
  });

  it('keys both sides on one symbol where there are two', async () => {
    const text = fast(
      '@@ -50,7 +50,7 @@ int pool_fast(struct pool *pool)',
      ' #endif\n 	pool->users++;\n-#ifdef CONFIG_POOL_FAST\n+#ifdef CONFIG_POOL_QUICK\n 	mutex_unlock(&pool->lock);\n #endif\n 	return 0;\n }\n',
    );
    const made = await fixed(text, 'config-imbalance');
    expect(made.get("Key 'mutex_unlock(&pool->lock);' on '#ifdef CONFIG_POOL_FAST' too")).toContain(
      '+#ifdef CONFIG_POOL_FAST\n 	mutex_unlock(&pool->lock);\n',
    );
  });
});
