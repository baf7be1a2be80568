// What faults do to the deliveries of event source mappings, as the mappings ask for it.

export type DeliveryFaults = {
  isStopped(functionLabel: string): boolean;
  /** Asked once for each delivery. */
  deliveries(functionLabel: string): 'once' | 'twice' | 'together';
};

/** At least once: where it is to be twice, `worse` says what both tries together come to. */
export async function deliver<Outcome>(
  faults: DeliveryFaults,
  functionLabel: string,
  attempt: () => Promise<Outcome>,
  worse: (one: Outcome, other: Outcome) => Outcome,
): Promise<Outcome> {
  switch (faults.deliveries(functionLabel)) {
    case 'once':
      return attempt();
    case 'twice':
      return worse(await attempt(), await attempt());
    case 'together':
      return worse(...(await Promise.all([attempt(), attempt()])));
  }
}
