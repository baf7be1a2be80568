// What faults do to the deliveries of event source mappings, as the mappings ask for it.

export type DeliveryFaults = {
  isStopped(functionVerb: string): boolean;
  /** Asked once for each delivery. */
  deliveries(functionVerb: string): 'once' | 'twice' | 'together';
};

/** At least once: where it is to be twice, `worse` says what both tries together come to. */
export async function deliver<Outcome>(
  faults: DeliveryFaults,
  functionVerb: string,
  attempt: () => Promise<Outcome>,
  worse: (one: Outcome, other: Outcome) => Outcome,
): Promise<Outcome> {
  switch (faults.deliveries(functionVerb)) {
    case 'once':
      return attempt();
    case 'twice':
      return worse(await attempt(), await attempt());
    case 'together':
      return worse(...(await Promise.all([attempt(), attempt()])));
  }
}
