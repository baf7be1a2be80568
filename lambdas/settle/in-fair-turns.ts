// Works through what is due, a bounded number at once. Owners take turns, so that none waits for all of another, and
// none has more than its share in hand, so that a slow one leaves room for the others.

export type Turns<Item> = {
  readonly ownerOf: (item: Item) => string;
  readonly atOnce: number;
  readonly atOnceOfOwner: number;
  /** Must not reject. False leaves the rest of the owner. */
  readonly work: (item: Item) => Promise<boolean>;
  /** False ends it once the work in hand has ended. */
  readonly goesOn: () => boolean;
};

/** As many wait in memory. Only those that are read take turns. */
const mostWaiting = 20_000;

/** Rejects if the items cannot be read, once the work in hand has ended. */
export async function inFairTurns<Item>(items: AsyncIterable<Item>, turns: Turns<Item>): Promise<void> {
  const owners = new Owners<Item>(turns);
  const inHand = new Set<Promise<void>>();
  const reader = items[Symbol.asyncIterator]();
  let isRead = false;
  try {
    while (turns.goesOn()) {
      while (!isRead && owners.waiting < mostWaiting && turns.goesOn()) {
        const { done, value } = await reader.next();
        if (done) isRead = true;
        else owners.add(value);
      }
      const next = inHand.size < turns.atOnce ? owners.take() : undefined;
      if (next) {
        const work = next().finally(() => inHand.delete(work));
        inHand.add(work);
      } else if (inHand.size > 0) await Promise.race(inHand);
      else if (isRead) return;
    }
  } finally {
    await Promise.all(inHand);
    if (!isRead) await reader.return?.();
  }
}

type Owner<Item> = { readonly waiting: Item[]; inHand: number; isLeft: boolean };

class Owners<Item> {
  readonly #turns: Turns<Item>;
  /** In the order of their turns. */
  readonly #owners = new Map<string, Owner<Item>>();
  waiting = 0;

  constructor(turns: Turns<Item>) {
    this.#turns = turns;
  }

  add(item: Item): void {
    const name = this.#turns.ownerOf(item);
    const owner = this.#owners.get(name) ?? { waiting: [], inHand: 0, isLeft: false };
    this.#owners.set(name, owner);
    if (owner.isLeft) return;
    owner.waiting.push(item);
    this.waiting += 1;
  }

  /** The work of the owner whose turn it is. */
  take(): (() => Promise<void>) | undefined {
    for (const [name, owner] of this.#owners) {
      if (owner.inHand >= this.#turns.atOnceOfOwner) continue;
      const item = owner.waiting.shift();
      if (item === undefined) continue;
      this.waiting -= 1;
      this.#owners.delete(name);
      this.#owners.set(name, owner);
      owner.inHand += 1;
      return () => this.#work(owner, item);
    }
    return undefined;
  }

  async #work(owner: Owner<Item>, item: Item): Promise<void> {
    const isWell = await this.#turns.work(item);
    owner.inHand -= 1;
    if (isWell) return;
    owner.isLeft = true;
    this.waiting -= owner.waiting.splice(0).length;
  }
}
