// npm does not forward SIGTERM: stopping `npm start` by its process id would leave the platform running. So a platform
// that npm started ends when npm has ended.

const lookEveryMs = 500;

export function onceNpmIsGone(then: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, lookEveryMs);
  timer.unref();
}
