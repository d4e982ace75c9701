/** What the scenarios that read a /proc file share: the roles of its functions, and the reading itself. */
import type { RoleSpec } from '../scenario.ts';

const seq = { type: 'struct seq_file *', name: 'm' };
const position = { type: 'long *', name: 'pos' };
const entry = { type: 'void *', name: 'v' };

/** The functions of a `struct seq_operations`. @param show names that play `show` where the patch has none. */
export function seqRoles(show: readonly string[]): readonly RoleSpec[] {
  return [
    {
      name: 'start',
      what: 'starts an iteration of a seq_file',
      params: [seq, position],
      returns: 'pointer',
      match: { member: 'seq_operations.start', known: ['m_start'] },
    },
    {
      name: 'next',
      what: 'goes on to the next entry of a seq_file',
      params: [seq, entry, position],
      returns: 'pointer',
      match: { member: 'seq_operations.next', known: ['m_next'] },
    },
    {
      name: 'stop',
      what: 'ends an iteration of a seq_file',
      params: [seq, entry],
      returns: 'void',
      match: { member: 'seq_operations.stop', known: ['m_stop'] },
    },
    {
      name: 'show',
      what: 'shows an entry of a seq_file',
      params: [seq, entry],
      returns: 'int',
      match: { known: show },
    },
  ];
}

/** `seq_read()`: start, show, next and stop; `reported()` is the scenario's own. */
export const SEQ_READ = `
    void sim_read(struct seq_file *m, long *pos)
    {
      struct vm_area_struct *vma;
      void *v = role_start(m, pos);

      while (v && !sim_is_error(v)) {
        vma = v;
        reported(vma->vm_start, vma->vm_end);
        role_show(m, v);
        v = role_next(m, v, pos);
      }
      role_stop(m, v);
    }
`;
