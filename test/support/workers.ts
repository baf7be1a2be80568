// The number of worker threads of this process.

export function workerCount(): number {
  const { workers } = process.report.getReport() as { workers: readonly unknown[] };
  return workers.length;
}
