// npm does not hand a SIGTERM on to what it started: whoever stops `npm start` by its process id would leave the
// platform behind. So where npm started us, we go when it has gone.

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
