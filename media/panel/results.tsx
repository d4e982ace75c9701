import { Icon } from './icon.tsx';
import type { PanelState, Store } from './store.ts';
import { placeText } from './text.ts';

/** What is going on and what came out: work in progress, the verdict, the violation, the finding that led here. */
export function Results({ store, state }: { readonly store: Store; readonly state: PanelState }) {
  const { busy, exploring, verdict, problem, finding } = state;
  const main = state.sides[0];
  const violation = main?.violation ?? null;
  return (
    <div class="results">
      {(busy !== null || exploring !== null) && (
        <p class="busy">
          <vscode-progress-ring aria-label="At work" />
          {exploring === null ? busy : `${exploring.what}, ${(exploring.milliseconds / 1000).toFixed(1)} s`}
        </p>
      )}
      {problem !== null && (
        <p class="message problem" role="alert">
          <Icon name="warning" />
          <span>{problem}</span>
          <button type="button" class="link" onClick={() => store.dismissProblem()}>
            Dismiss
          </button>
        </p>
      )}
      {main?.problem != null && (
        <p class="message problem">
          <Icon name="warning" />
          <span>The schedule cannot be followed: {main.problem}.</span>
        </p>
      )}
      {violation !== null && (
        <div class="message violation">
          <Icon name="error" />
          <div>
            <strong>{violation.message}</strong>
            <p>
              {violation.task >= 0 ? `${main!.timeline.setup.tasks[violation.task]}, ` : ''}
              <button
                type="button"
                class="link"
                onClick={() => store.open(0, violation.place.file, violation.place.line)}
              >
                {placeText(violation.place)}
              </button>{' '}
              <code>{violation.place.text}</code>
            </p>
            {violation.cycle.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </div>
        </div>
      )}
      {verdict !== null && violation === null && (
        <p class={`message ${verdict.verdict}`}>
          <Icon name={verdict.verdict === 'holds' ? 'pass' : 'warning'} />
          <span>{verdict.text}</span>
        </p>
      )}
      {verdict !== null && (
        <p class="numbers">
          {verdict.states.toLocaleString('en')} states, {verdict.transitions.toLocaleString('en')}{' '}
          transitions, {(verdict.milliseconds / 1000).toFixed(2)} s
        </p>
      )}
      {finding !== null && (
        <details class="finding" open>
          <summary>
            The path of the finding <code>{finding.rule}</code>: {finding.message}
          </summary>
          <ol>
            {finding.steps.map((step, i) => (
              <li key={i}>
                <button type="button" class="link" onClick={() => store.open(0, step.file, step.line)}>
                  {placeText(step)}
                </button>{' '}
                {step.message} <code>{step.text}</code>
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}
