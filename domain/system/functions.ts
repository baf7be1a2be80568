// The one list of functions. Stages, code, roles, telemetry and the operator's commands are derived from it.

export const functionVerbs = ['authorize', 'ingest', 'consume', 'read', 'report', 'settle'] as const;
export type FunctionVerb = (typeof functionVerbs)[number];

export const functionNameOf = (stage: string, verb: FunctionVerb): string => `weir-${stage}-${verb}`;

/** The tags of every resource of a stage, for search and cost reports. */
export const tagsOf = (stage: string) => ({ application: 'weir', stage }) as const;
