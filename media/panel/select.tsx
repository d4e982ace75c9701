import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface SelectOption {
  readonly value: string;
  readonly text: string;
  /** Shown while the list is open. */
  readonly note: string;
}

interface Props {
  readonly label: string;
  readonly value: string;
  readonly options: readonly SelectOption[];
  onChange(value: string): void;
}

/** A labelled list to choose one from, as the editor's own settings have it. */
export function Select({ label, value, options, onChange }: Props) {
  const id = useId();
  const element = useRef<HTMLElement & { value: string }>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const names = options.map((one) => one.value).join('\n');
  useEffect(() => {
    const select = element.current;
    if (select === null) return;
    // The element reads its options in a task of its own.
    const timer = setTimeout(() => {
      if (select.value !== value) select.value = value;
    });
    return () => clearTimeout(timer);
  }, [value, names]);
  useEffect(() => {
    const select = element.current;
    if (select === null) return;
    const changed = () => change.current(select.value);
    select.addEventListener('change', changed);
    return () => select.removeEventListener('change', changed);
  }, []);
  return (
    <div class="field">
      <span class="label" id={id}>
        {label}
      </span>
      <vscode-single-select ref={element} label={label} aria-labelledby={id}>
        {options.map((one) => (
          <vscode-option
            key={one.value}
            value={one.value}
            description={one.note}
            selected={one.value === value}
          >
            {one.text}
          </vscode-option>
        ))}
      </vscode-single-select>
    </div>
  );
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'vscode-single-select': Record<string, unknown>;
      'vscode-option': Record<string, unknown>;
      'vscode-progress-ring': Record<string, unknown>;
    }
  }
}
