// How many worker threads this process has, on any system.

export function workerCount(): number {
  const { workers } = process.report.getReport() as { workers: readonly unknown[] };
  return workers.length;
}
