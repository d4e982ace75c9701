import close from '@vscode/codicons/src/icons/close.svg';
import copy from '@vscode/codicons/src/icons/copy.svg';
import debug from '@vscode/codicons/src/icons/debug-alt-small.svg';
import pause from '@vscode/codicons/src/icons/debug-pause.svg';
import restart from '@vscode/codicons/src/icons/debug-restart.svg';
import stepBack from '@vscode/codicons/src/icons/debug-step-back.svg';
import stepOver from '@vscode/codicons/src/icons/debug-step-over.svg';
import stop from '@vscode/codicons/src/icons/debug-stop.svg';
import diff from '@vscode/codicons/src/icons/diff.svg';
import error from '@vscode/codicons/src/icons/error.svg';
import exportIcon from '@vscode/codicons/src/icons/export.svg';
import goToFile from '@vscode/codicons/src/icons/go-to-file.svg';
import lock from '@vscode/codicons/src/icons/lock.svg';
import pass from '@vscode/codicons/src/icons/pass.svg';
import play from '@vscode/codicons/src/icons/play.svg';
import save from '@vscode/codicons/src/icons/save.svg';
import search from '@vscode/codicons/src/icons/search.svg';
import settings from '@vscode/codicons/src/icons/settings.svg';
import warning from '@vscode/codicons/src/icons/warning.svg';
import zoomIn from '@vscode/codicons/src/icons/zoom-in.svg';
import zoomOut from '@vscode/codicons/src/icons/zoom-out.svg';

/** The build gives each icon as the paths that it is drawn of. */
const ICONS = {
  close,
  copy,
  debug,
  diff,
  error,
  export: exportIcon,
  file: goToFile,
  lock,
  pass,
  pause,
  play,
  restart,
  save,
  search,
  settings,
  stepBack,
  stepOver,
  stop,
  warning,
  zoomIn,
  zoomOut,
} satisfies Record<string, readonly string[]>;

export type IconName = keyof typeof ICONS;

/** A decoration beside a text that says the same. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      {ICONS[name].map((path) => (
        <path d={path} fill-rule="evenodd" />
      ))}
    </svg>
  );
}
