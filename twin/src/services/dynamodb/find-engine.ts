// Where the DynamoDB engine comes from: this platform's package, else a program on the PATH, else an address
// that the user gives, else an error that says what to do.

import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

export type DynamoDbSource =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'endpoint'; readonly url: string };

export class NoDynamoDbEngine extends Error {
  override readonly name = 'NoDynamoDbEngine';
  constructor(platform: string) {
    super(
      `No DynamoDB engine for ${platform}. Run "npm ci" without --omit=optional; or put the program "dynoxide" ` +
        'on the PATH (https://github.com/nubo-db/dynoxide); or start any other engine, such as DynamoDB Local, ' +
        'and give its address in WEIR_DYNAMODB_ENDPOINT.',
    );
  }
}

type Surroundings = {
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  resolvePackage(name: string): string | undefined;
  isExecutable(path: string): boolean;
};

const require = createRequire(import.meta.url);

const here: Surroundings = {
  platform: `${process.platform}-${process.arch}`,
  environment: process.env,
  resolvePackage: (name) => {
    try {
      return require.resolve(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
      throw error;
    }
  },
  isExecutable: (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  },
};

export function findDynamoDb(surroundings: Surroundings = here): DynamoDbSource {
  const { platform, environment, resolvePackage, isExecutable } = surroundings;
  const packaged = resolvePackage(`@dynoxide/${platform}/dynoxide`);
  const onPath = (environment.PATH ?? '').split(delimiter).map((folder) => join(folder, 'dynoxide'));
  const path = [...(packaged === undefined ? [] : [packaged]), ...onPath].find(isExecutable);
  if (path !== undefined) return { kind: 'binary', path };
  const url = environment.WEIR_DYNAMODB_ENDPOINT;
  if (url) return { kind: 'endpoint', url };
  throw new NoDynamoDbEngine(platform);
}
