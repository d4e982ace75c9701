import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import type { Choice, Setup } from './messages.ts';
import { Select } from './select.tsx';
import type { PanelState, Store } from './store.ts';
import { fileText } from './text.ts';

/** What is simulated: the function, the scenario, the code before or after, the configuration. */
export function Pickers({ store, state }: { readonly store: Store; readonly state: PanelState }) {
  const [isOpen, setOpen] = useState(false);
  const { catalogue } = state;
  const setup = state.sides[0]?.timeline.setup ?? null;
  const choice = setup?.choice ?? store.session?.choice ?? null;
  if (choice === null) return null;
  const functions = catalogue?.functions ?? [];
  const known = functions.map(({ name, file, isChanged }) => ({
    value: name,
    text: name,
    note: `${fileText(file)}${isChanged ? ', changed by the patch' : ''}`,
  }));
  const [first = ''] = choice.functions;
  if (first !== '' && !known.some((one) => one.value === first))
    known.unshift({ value: first, text: first, note: '' });
  const scenarios = (catalogue?.scenarios ?? [{ name: choice.scenario, title: '' }]).map(
    ({ name, title }) => ({
      value: name,
      text: name,
      note: title,
    }),
  );
  return (
    <div class="pickers">
      <Select
        label="Function"
        value={first}
        options={first === '' ? [{ value: '', text: 'by the scenario', note: '' }, ...known] : known}
        onChange={(name) => store.choose({ functions: [name], scenario: '', own: null })}
      />
      <Select
        label="Scenario"
        value={choice.scenario}
        options={scenarios}
        onChange={(scenario) => store.choose({ scenario, own: null })}
      />
      {catalogue?.hasPatch !== false && (
        <Select
          label="Code"
          value={choice.image}
          options={[
            { value: 'after', text: 'with the patch', note: '' },
            { value: 'before', text: 'without the patch', note: '' },
          ]}
          onChange={(image) => store.choose({ image: image === 'before' ? 'before' : 'after' })}
        />
      )}
      <Select
        label="VMA lock"
        value={choice.depth ?? ''}
        options={[
          {
            value: '',
            text: setup === null ? 'default' : `default: ${depthText(setup.depth)}`,
            note: '',
          },
          { value: 'contract', text: depthText('contract'), note: 'one step' },
          { value: 'full', text: depthText('full'), note: 'step by step' },
        ]}
        onChange={(depth) => store.choose({ depth: depth === 'contract' || depth === 'full' ? depth : null })}
      />
      <button type="button" class="secondary" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={isOpen ? 'close' : 'settings'} /> Configuration, tasks and addresses
      </button>
      {isOpen && setup !== null && <Details {...{ store, setup, choice, known }} />}
    </div>
  );
}

/** What the functions of a choice are called: the first one that fits a role plays it. */
const FUNCTIONS = ['First function', 'Second function', 'Third function'];

const depthText = (depth: 'contract' | 'full') => (depth === 'full' ? 'own code' : 'contract');

function Details({
  store,
  setup,
  choice,
  known,
}: {
  readonly store: Store;
  readonly setup: Setup;
  readonly choice: Choice;
  readonly known: readonly { readonly value: string; readonly text: string; readonly note: string }[];
}) {
  const { own } = choice;
  const vmas = setup.before.vmas.map(({ name, start, end }) => ({ name, start, end }));
  const setOwn = (change: Partial<NonNullable<Choice['own']>>) =>
    store.choose({ own: { tasks: setup.tasks, vmas: own?.vmas ?? [], ...change } });
  return (
    <div class="details">
      <fieldset>
        <legend>Configuration</legend>
        {setup.symbols.length === 0 && <p>No symbol decides in these functions.</p>}
        {setup.symbols.map(({ name, value }) => (
          <Select
            key={name}
            label={name}
            value={choice.configuration[name] ?? ''}
            options={[
              { value: '', text: `not set by hand (${value})`, note: '' },
              ...['y', 'm', 'n'].map((one) => ({ value: one, text: one, note: '' })),
            ]}
            onChange={(chosen) => {
              const others = Object.entries(choice.configuration).filter(([other]) => other !== name);
              const set = chosen === 'y' || chosen === 'm' || chosen === 'n' ? [[name, chosen] as const] : [];
              store.choose({ configuration: Object.fromEntries([...others, ...set]) });
            }}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>Tasks</legend>
        {setup.allTasks.map((task) => (
          <label key={task} class="check">
            <input
              type="checkbox"
              checked={setup.tasks.includes(task)}
              disabled={setup.tasks.length === 1 && setup.tasks[0] === task}
              onChange={({ currentTarget }) =>
                setOwn({
                  tasks: currentTarget.checked
                    ? setup.allTasks.filter((one) => one === task || setup.tasks.includes(one))
                    : setup.tasks.filter((one) => one !== task),
                })
              }
            />
            {task}
          </label>
        ))}
        {FUNCTIONS.map((label, index) => (
          <Select
            key={label}
            label={label}
            value={choice.functions[index] ?? ''}
            options={[{ value: '', text: 'by the scenario', note: '' }, ...known]}
            onChange={(name) => {
              const functions = [...choice.functions];
              functions[index] = name;
              store.choose({ functions: functions.filter((one) => one !== undefined && one !== '') });
            }}
          />
        ))}
      </fieldset>
      <fieldset>
        <legend>Addresses of the VMAs</legend>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const data = new FormData(event.currentTarget);
            const page = (name: string) => Number(data.get(name)) & ~0xfff;
            setOwn({
              vmas: vmas.map(({ name }) => ({
                name,
                start: page(`${name} start`),
                end: Math.max(page(`${name} end`), page(`${name} start`) + 0x1000),
              })),
            });
          }}
        >
          {vmas.map(({ name, start, end }) => (
            <div class="range" key={name}>
              <span>{name}</span>
              <input
                name={`${name} start`}
                aria-label={`Start of ${name}`}
                pattern="0x[0-9a-fA-F]{1,7}"
                defaultValue={`0x${start.toString(16)}`}
              />
              <input
                name={`${name} end`}
                aria-label={`End of ${name}`}
                pattern="0x[0-9a-fA-F]{1,7}"
                defaultValue={`0x${end.toString(16)}`}
              />
            </div>
          ))}
          <button type="submit" class="secondary">
            Use these addresses
          </button>
          {own !== null && (
            <button type="button" class="secondary" onClick={() => store.choose({ own: null })}>
              As the scenario has them
            </button>
          )}
        </form>
      </fieldset>
    </div>
  );
}
