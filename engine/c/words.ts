/**
 * The words of kernel C that the pre-pass treats in a way of their own, as one table.
 *
 * Classes are small numbers, so that a token carries its class in a byte. A word that is not in the
 * table has class OTHER; what it is then follows from where it stands.
 */

/** Any word that the table does not name. */
export const OTHER = 0;
/** Statements: `if`, `while`, `for`, `switch` take parentheses. */
export const IF = 1;
export const WHILE = 2;
export const FOR = 3;
export const SWITCH = 4;
export const ELSE = 5;
export const DO = 6;
export const CASE = 7;
export const DEFAULT = 8;
export const GOTO = 9;
export const RETURN = 10;
/** `break` and `continue`. */
export const JUMP = 11;
/** Types that a word alone names: `int`, `bool`, `size_t`, …: what the grammar calls primitive or sized. */
export const TYPE = 12;
/** `struct`, `union`, `enum`. */
export const TAG = 13;
/** `const`, `volatile`, `restrict`, …. */
export const QUALIFIER = 14;
/** `static`, `extern`, `register`, `auto`. */
export const STORAGE = 15;
export const INLINE = 16;
export const TYPEDEF = 17;
export const TYPEOF = 18;
export const SIZEOF = 19;
export const ALIGNOF = 20;
export const OFFSETOF = 21;
export const ASM = 22;
export const GENERIC = 23;
/** Something the compiler is told, without meaning for locks; never followed by arguments. */
export const ATTRIBUTE = 24;
/** `__always_inline`: an attribute that makes a function inline. */
export const ALWAYS_INLINE = 25;
/** An annotation that means something and is kept in a side table. */
export const ANNOTATION = 26;
/** `__free(x)` and `__cleanup(f)`: an annotation, but only behind a declared name. */
export const CLEANUP = 27;
/** `IS_ENABLED` and relatives. */
export const ENABLED = 28;
export const GUARD = 29;
/** `CLASS(class, variable)(args)`. */
export const CLASS = 30;
export const SCOPED_GUARD = 31;
export const SCOPED_COND_GUARD = 32;
/** `asm_inline`, `asm_volatile_goto`: `asm` under another name. */
export const ASM_ALIAS = 33;
export const STATIC = 34;
/** `__extension__`, `__label__`: words that the grammar reads only in some places. */
export const EXTENSION = 35;
export const LOCAL_LABEL = 36;
/** Any word that begins with `CONFIG_`. */
export const CONFIG = 37;
/** Like ATTRIBUTE, but arguments in parentheses belong to it. */
export const ATTRIBUTE_WITH_ARGUMENTS = 38;
/** `scoped_class(class, variable, args) stmt`. */
export const SCOPED_CLASS = 39;

const TABLE: readonly (readonly [number, string])[] = [
  [IF, 'if'],
  [WHILE, 'while'],
  [FOR, 'for'],
  [SWITCH, 'switch'],
  [ELSE, 'else'],
  [DO, 'do'],
  [CASE, 'case'],
  [DEFAULT, 'default'],
  [GOTO, 'goto'],
  [RETURN, 'return'],
  [JUMP, 'break continue'],
  [TYPE, 'void char short int long float double signed unsigned bool _Bool size_t ssize_t ptrdiff_t'],
  [TYPE, 'intptr_t uintptr_t charptr_t nullptr_t max_align_t int8_t int16_t int32_t int64_t'],
  [TYPE, 'uint8_t uint16_t uint32_t uint64_t char8_t char16_t char32_t char64_t __signed__'],
  [TAG, 'struct union enum'],
  [QUALIFIER, 'const volatile restrict __restrict__ _Atomic constexpr'],
  [STORAGE, 'extern register auto thread_local __thread'],
  [STATIC, 'static'],
  [INLINE, 'inline __inline __inline__'],
  [TYPEDEF, 'typedef'],
  [TYPEOF, 'typeof __typeof__ __typeof typeof_unqual __typeof_unqual__ typeof_member TYPEOF_UNQUAL'],
  [SIZEOF, 'sizeof'],
  [ALIGNOF, '_Alignof alignof __alignof__ __alignof'],
  [OFFSETOF, 'offsetof'],
  [ASM, 'asm __asm__ __asm'],
  [ASM_ALIAS, 'asm_inline asm_volatile_goto'],
  [GENERIC, '_Generic'],
  [EXTENSION, '__extension__'],
  [LOCAL_LABEL, '__label__'],
  [ENABLED, 'IS_ENABLED IS_BUILTIN IS_MODULE IS_REACHABLE'],
  [GUARD, 'guard'],
  [CLASS, 'CLASS ACQUIRE'],
  [SCOPED_GUARD, 'scoped_guard'],
  [SCOPED_COND_GUARD, 'scoped_cond_guard'],
  [SCOPED_CLASS, 'scoped_class'],
  [CLEANUP, '__free __cleanup'],
  [ALWAYS_INLINE, '__always_inline __forceinline'],
  // Sparse's and clang's context analysis (include/linux/compiler-context-analysis.h).
  [ANNOTATION, '__acquires __releases __must_hold __cond_acquires'],
  [ANNOTATION, '__acquires_shared __releases_shared __must_hold_shared __cond_acquires_shared'],
  [ANNOTATION, '__must_not_hold __releases_generic __guarded_by __pt_guarded_by __context_unsafe'],
  [ANNOTATION, '__no_context_analysis __returns_lock __assumes_ctx_lock __assumes_shared_ctx_lock'],
  [ANNOTATION, '__no_lock_analysis __no_capability_analysis __acquires_ctx_lock __releases_ctx_lock'],
  [ANNOTATION, '__requires_ctx_lock __requires_shared_ctx_lock __excludes_ctx_lock'],
  [ANNOTATION, '__acquires_rcu __releases_rcu __must_hold_rcu'],
  // Sections and life time.
  [
    ATTRIBUTE,
    '__init __exit __initdata __exitdata __initconst __exitconst __ref __refdata __refconst __meminit',
  ],
  [ATTRIBUTE, '__memexit __meminitdata __devinit __devexit __cpuinit __net_init __net_exit __net_initdata'],
  [
    ATTRIBUTE,
    '__init_or_module __initdata_or_module __initconst_or_module __init_or_acpilib __init_memblock',
  ],
  [
    ATTRIBUTE,
    '__initdata_memblock __init_refok __head __noendbr __entry_text __lockfunc __sched __paginginit',
  ],
  [ATTRIBUTE, '__cpuidle __kprobes __irq_entry __softirq_entry __read_mostly __ro_after_init __nosavedata'],
  [ATTRIBUTE, '__cacheline_aligned __cacheline_aligned_in_smp ____cacheline_aligned __page_aligned_bss'],
  [ATTRIBUTE, '____cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp __page_aligned_data'],
  [ATTRIBUTE_WITH_ARGUMENTS, '__section __alias __aligned __mode __assume_aligned'],
  // Address spaces and sparse.
  [
    ATTRIBUTE,
    '__user __kernel __iomem __percpu __rcu __force __nocast __safe __private __bitwise __bitwise__',
  ],
  [ATTRIBUTE, '__seg_gs __seg_fs __ptr32 __ptr64 __arena'],
  // Compiler attributes.
  [ATTRIBUTE_WITH_ARGUMENTS, '__attribute__ __attribute __declspec __printf __scanf __malloc __deprecated'],
  [
    ATTRIBUTE_WITH_ARGUMENTS,
    '__alloc_size __realloc_size __compiletime_error __compiletime_warning __optimize',
  ],
  [
    ATTRIBUTE_WITH_ARGUMENTS,
    '__counted_by __counted_by_le __counted_by_be __counted_by_ptr __sized_by __diagnose_as',
  ],
  [
    ATTRIBUTE_WITH_ARGUMENTS,
    '__pass_object_size __pass_dynamic_object_size __nonnull __nonnull__ __nonstring',
  ],
  [
    ATTRIBUTE,
    '_Noreturn __noreturn noreturn __must_check __maybe_unused __always_unused __used __visible __weak',
  ],
  [
    ATTRIBUTE,
    '__pure __const __attribute_const__ __packed __cold __hot __noclone __no_fortify __overloadable',
  ],
  [ATTRIBUTE, '__no_sanitize_address __no_sanitize_thread __no_sanitize_memory __no_sanitize_undefined'],
  [
    ATTRIBUTE,
    '__no_sanitize_or_inline __no_kasan_or_inline __no_kcsan __no_kcsan_or_inline __no_kmsan_checks',
  ],
  [ATTRIBUTE, '__no_sanitize_coverage __no_profile __no_stack_protector __nostackprotector __gnu_inline'],
  [
    ATTRIBUTE,
    '__no_randomize_layout __randomize_layout __designated_init __latent_entropy __flatten __naked',
  ],
  [ATTRIBUTE, '__bpf_kfunc __function_aligned __nocfi __nocf_check __signed_wrap __no_kstack_erase __noscs'],
  [ATTRIBUTE, '__aligned_largest'],
  [ATTRIBUTE, '__uninitialized __noinitretpoline __noinline __restrict __unaligned __realmode'],
  [ATTRIBUTE, 'noinline noinline_for_stack noinline_for_tracing notrace noinstr asmlinkage nokprobe_inline'],
  [ATTRIBUTE, 'asmregparm __visible_for_testing VISIBLE_IF_KUNIT __rust_helper INDIRECT_CALLABLE_SCOPE'],
];

/** What the class of a word is decided by, beside the table: cheap to compute while scanning. */
export function wordHash(first: number, second: number, last: number, length: number): number {
  return (first * 31 + second * 7 + last * 131 + length * 17) & 1023;
}

interface Entry {
  readonly text: string;
  readonly kind: number;
}

const BUCKETS: readonly (readonly Entry[] | undefined)[] = build();

function build(): (Entry[] | undefined)[] {
  const buckets: (Entry[] | undefined)[] = new Array(1024).fill(undefined);
  for (const [kind, words] of TABLE) {
    for (const text of words.split(' ')) {
      const hash = wordHash(
        text.charCodeAt(0),
        text.charCodeAt(1),
        text.charCodeAt(text.length - 1),
        text.length,
      );
      const bucket = buckets[hash];
      if (bucket === undefined) buckets[hash] = [{ text, kind }];
      else bucket.push({ text, kind });
    }
  }
  return buckets;
}

/** The class of the word that `text` has from `from` to `to`. */
export function classify(text: string, from: number, to: number): number {
  const length = to - from;
  if (length < 2) return OTHER;
  const hash = wordHash(text.charCodeAt(from), text.charCodeAt(from + 1), text.charCodeAt(to - 1), length);
  const bucket = BUCKETS[hash];
  if (length > 7 && text.charCodeAt(from + 6) === 95 && text.startsWith('CONFIG_', from)) return CONFIG;
  if (bucket === undefined) return OTHER;
  for (const entry of bucket) {
    if (entry.text.length === length && text.startsWith(entry.text, from)) return entry.kind;
  }
  return OTHER;
}

/** Whether a word class is a keyword that begins or is part of a statement. */
export function isControl(kind: number): boolean {
  return kind >= IF && kind <= JUMP;
}

/** Whether a word class can begin a type name, and never an expression. */
export function beginsType(kind: number): boolean {
  return kind >= TYPE && kind <= QUALIFIER;
}

/** Whether a word of this class can be a name: of a type, a variable, a function or a macro. */
export function canBeName(kind: number): boolean {
  return (
    kind === OTHER ||
    kind === CLEANUP ||
    (kind >= ENABLED && kind <= SCOPED_COND_GUARD) ||
    kind === CONFIG ||
    kind === SCOPED_CLASS
  );
}

/** Whether a word class is blanked wherever it stands. */
export function isAttribute(kind: number): boolean {
  return kind === ATTRIBUTE || kind === ATTRIBUTE_WITH_ARGUMENTS || kind === ALWAYS_INLINE;
}
