// The functions of Weir, by verb. Stages, code, roles, telemetry and the operator's commands take their names from here.

export const functionVerbs = ['authorize', 'ingest', 'consume', 'read', 'report', 'settle'] as const;
export type FunctionVerb = (typeof functionVerbs)[number];

export const functionNameOf = (stage: string, verb: FunctionVerb): string => `weir-${stage}-${verb}`;

/** On every resource of a stage. Tags find them, and charge them. */
export const tagsOf = (stage: string) => ({ application: 'weir', stage }) as const;
