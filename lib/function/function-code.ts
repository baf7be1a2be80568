// The functions by name, and where constructs get their code from. Constructs take the code as an argument, so
// that a test of the templates needs no bundler and no function.

import type { Code } from 'aws-cdk-lib/aws-lambda';

export const functionVerbs = ['authorize', 'ingest', 'consume', 'read', 'report', 'settle'] as const;
export type FunctionVerb = (typeof functionVerbs)[number];

export type FunctionCode = (verb: FunctionVerb) => Code;
