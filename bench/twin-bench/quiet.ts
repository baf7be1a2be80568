import { eventually } from '../../test/support/eventually.ts';

type Functions = { readonly consume: { readonly busy: number } };

/** Until nothing runs behind the stream any more, whose work would be counted as the next kind's. */
export async function quiet(url: string): Promise<void> {
  await eventually(
    async () => (await (await fetch(`${url}/_weir/functions`)).json()) as Functions,
    ({ consume }) => consume.busy === 0,
    120_000,
  );
}
