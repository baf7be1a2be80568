// What a stage consists of, by name: its functions, its stacks and its tags. Stages, code, roles, telemetry and the
// operator's commands take the names from here.

export const functionVerbs = [
  'authorize',
  'ingest',
  'consume',
  'consume-late',
  'consume-priority',
  'manage',
  'measure',
  'read',
  'report',
  'review',
  'settle',
  'tally',
  'announce',
  'probe',
] as const;
export type FunctionVerb = (typeof functionVerbs)[number];

export const functionNameOf = (stage: string, verb: FunctionVerb): string => `weir-${stage}-${verb}`;

/** Everything calls the version behind this alias, and never the latest code, which may not be live yet. */
export const liveAlias = 'live';

export const liveNameOf = (stage: string, verb: FunctionVerb): string =>
  `${functionNameOf(stage, verb)}:${liveAlias}`;

export const eventBusNameOf = (stage: string): string => `weir-${stage}`;

export const stackNamesOf = (stage: string) =>
  ({ stateful: `weir-${stage}-stateful`, stateless: `weir-${stage}-stateless` }) as const;

/** On every resource of a stage. Tags find them, and charge them. */
export const tagsOf = (stage: string) => ({ application: 'weir', stage }) as const;
