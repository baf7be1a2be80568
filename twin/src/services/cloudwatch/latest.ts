// The latest of many, up to a number that is given.

export class Latest<Item> {
  private readonly max: number;
  private readonly ring: Item[] = [];
  private next = 0;

  constructor(max: number) {
    this.max = max;
  }

  add(item: Item): void {
    this.ring[this.next] = item;
    this.next = (this.next + 1) % this.max;
  }

  /** The oldest first. */
  list(): readonly Item[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)];
  }
}
