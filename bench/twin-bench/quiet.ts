import { eventually } from '../../test/support/eventually.ts';

type Functions = { readonly consume: { readonly busy: number } };

/** Waits until the consumer is idle, so that its work is not measured with the next requests. */
export async function quiet(url: string): Promise<void> {
  await eventually(
    async () => (await (await fetch(`${url}/_weir/functions`)).json()) as Functions,
    ({ consume }) => consume.busy === 0,
    120_000,
  );
}
