// How many requests each key made in the last while, counted in slices of it: never fewer than came in the window, and
// at most those of one slice more. Keys that are idle for a window are forgotten, which bounds the memory.

const slicesPerWindow = 60;

type Slice = { readonly startMs: number; readonly counts: Map<string, number> };

export class SlidingWindow {
  private readonly windowMs: number;
  private readonly sliceMs: number;
  private slices: readonly Slice[] = [];
  /** The sum of all slices. */
  private readonly totals = new Map<string, number>();

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.sliceMs = windowMs / slicesPerWindow;
  }

  /** How many with this one. */
  count(key: string, nowMs: number): number {
    this.forget(nowMs);
    const { counts } = this.sliceAt(nowMs);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const total = (this.totals.get(key) ?? 0) + 1;
    this.totals.set(key, total);
    return total;
  }

  get keys(): readonly string[] {
    return [...this.totals.keys()];
  }

  private sliceAt(nowMs: number): Slice {
    const startMs = Math.floor(nowMs / this.sliceMs) * this.sliceMs;
    const found = this.slices.find((slice) => slice.startMs === startMs);
    if (found !== undefined) return found;
    const slice = { startMs, counts: new Map<string, number>() };
    this.slices = [...this.slices, slice];
    return slice;
  }

  /** What is over, and, where the clock went back, what is not yet. */
  private forget(nowMs: number): void {
    const isOver = ({ startMs }: Slice) => startMs + this.sliceMs + this.windowMs <= nowMs || startMs > nowMs;
    for (const { counts } of this.slices.filter(isOver))
      for (const [key, count] of counts) {
        const left = (this.totals.get(key) ?? 0) - count;
        if (left > 0) this.totals.set(key, left);
        else this.totals.delete(key);
      }
    this.slices = this.slices.filter((slice) => !isOver(slice));
  }
}
