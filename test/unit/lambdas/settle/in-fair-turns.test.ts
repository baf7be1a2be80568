import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inFairTurns, type Turns } from '../../../../lambdas/settle/in-fair-turns.ts';

type Item = { readonly owner: string; readonly name: string };

const itemsOf = (owner: string, many: number): Item[] =>
  Array.from({ length: many }, (_, index) => ({ owner, name: `${owner}${index}` }));

async function* listed(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const run = (items: readonly Item[], turns: Partial<Turns<Item>>) =>
  inFairTurns(listed(items), {
    ownerOf: ({ owner }) => owner,
    atOnce: 4,
    atOnceOfOwner: 2,
    work: async () => true,
    goesOn: () => true,
    ...turns,
  });

it('does each once, and never more at once than allowed, of all and of one owner', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd')),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      async (owners, atOnce, atOnceOfOwner) => {
        const items = owners.map((owner, index) => ({ owner, name: String(index) }));
        const done: string[] = [];
        const inHand: Item[] = [];

        await run(items, {
          atOnce,
          atOnceOfOwner,
          work: async (item) => {
            inHand.push(item);
            expect(inHand.length).toBeLessThanOrEqual(atOnce);
            expect(inHand.filter(({ owner }) => owner === item.owner).length).toBeLessThanOrEqual(
              atOnceOfOwner,
            );
            await setImmediate();
            inHand.splice(inHand.indexOf(item), 1);
            done.push(item.name);
            return true;
          },
        });

        expect(done.toSorted()).toEqual(items.map(({ name }) => name).toSorted());
      },
    ),
    { numRuns: 50 },
  ));

it('lets owners take turns: a few of one do not wait for the many of another', async () => {
  const done: string[] = [];

  await run([...itemsOf('many', 500), ...itemsOf('few', 3)], {
    atOnce: 2,
    atOnceOfOwner: 1,
    work: async ({ name }) => {
      await setImmediate();
      done.push(name);
      return true;
    },
  });

  expect(done).toHaveLength(503);
  expect(done.slice(0, 8)).toEqual(expect.arrayContaining(['few0', 'few1', 'few2']));
});

it('goes on with others while one owner takes all the time of its share', async () => {
  const done: string[] = [];
  let goOn = () => {};
  const slow = new Promise<void>((resolve) => {
    goOn = resolve;
  });

  const ran = run([...itemsOf('slow', 9), ...itemsOf('other', 9)], {
    work: async ({ owner, name }) => {
      if (owner === 'slow') await slow;
      done.push(name);
      return true;
    },
  });
  while (done.length < 9) await setImmediate();
  expect(done).toEqual(itemsOf('other', 9).map(({ name }) => name));
  goOn();
  await ran;

  expect(done).toHaveLength(18);
});

it('leaves the rest of an owner where the work says so, and goes on with the others', async () => {
  const done: string[] = [];

  await run([...itemsOf('bad', 9), ...itemsOf('good', 9)], {
    atOnceOfOwner: 1,
    work: async ({ owner, name }) => {
      done.push(name);
      return owner === 'good';
    },
  });

  expect(done.filter((name) => name.startsWith('bad'))).toEqual(['bad0']);
  expect(done.filter((name) => name.startsWith('good'))).toHaveLength(9);
});

it('begins nothing once it may not go on, and waits for what it has begun', async () => {
  const begun: string[] = [];
  let ended = 0;

  await run(itemsOf('a', 9), {
    goesOn: () => begun.length < 2,
    work: async ({ name }) => {
      begun.push(name);
      await setImmediate();
      ended += 1;
      return true;
    },
  });

  expect([begun.length, ended]).toEqual([2, 2]);
});

it('rejects if the items cannot be read, once what it has begun has ended', async () => {
  let ended = 0;
  async function* failing(): AsyncGenerator<Item> {
    yield* itemsOf('a', 20_000);
    throw new Error('unreadable');
  }

  const ran = inFairTurns(failing(), {
    ownerOf: ({ owner }) => owner,
    atOnce: 2,
    atOnceOfOwner: 2,
    goesOn: () => true,
    work: async () => {
      await setImmediate();
      ended += 1;
      return true;
    },
  });

  await expect(ran).rejects.toThrow('unreadable');
  expect(ended).toBeGreaterThan(0);
});
