// Reads what synthesis wrote: the stacks with their templates, and the folders that hold each function's code.
// Templates come as they are, with nothing resolved.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type TemplateResource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
};

export type StackTemplate = {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
};

export type TemplateOutput = {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
};

export type Stack = {
  readonly name: string;
  readonly template: StackTemplate;
  /** From the object key of a file asset (`<hash>.zip`) to the folder that would be uploaded under it. */
  readonly assetFolders: ReadonlyMap<string, string>;
};

export class UnreadableAssembly extends Error {
  override readonly name = 'UnreadableAssembly';
}

type Artifact = {
  readonly type: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    /** Where a nested assembly is. */
    readonly directoryName?: string;
  };
};
type FileAsset = {
  readonly source: { readonly path: string };
  readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
};

export function loadAssembly(folder: string): readonly Stack[] {
  const manifestPath = join(folder, 'manifest.json');
  if (!existsSync(manifestPath))
    throw new UnreadableAssembly(
      `There is no ${manifestPath}. Give the folder that "cdk synth" writes, usually cdk.out.`,
    );
  const { artifacts = {} } = readJson(manifestPath) as { artifacts?: Record<string, Artifact> };
  const assetFolders = readAssetFolders(folder, Object.values(artifacts));
  const stacks = Object.entries(artifacts).flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile !== undefined
      ? [{ name: properties.stackName ?? id, file: properties.templateFile }]
      : [],
  );
  if (stacks.length === 0) throw noStack(folder, manifestPath, artifacts);
  return stacks.map(({ name, file }) => ({
    name,
    template: readJson(join(folder, file)) as StackTemplate,
    assetFolders,
  }));
}

/** Each stage of an app is an assembly of its own within that of the app: one runs, since they name the same things. */
function noStack(
  folder: string,
  manifestPath: string,
  artifacts: Readonly<Record<string, Artifact>>,
): UnreadableAssembly {
  const stages = Object.values(artifacts)
    .flatMap(({ properties }) => properties?.directoryName ?? [])
    .map((directory) => join(folder, directory));
  return new UnreadableAssembly(
    stages.length === 0
      ? `${manifestPath} lists no stack: the app made none.`
      : `${manifestPath} lists no stack but stages, which are assemblies of their own. Give one of ${stages.join(', ')}.`,
  );
}

/** The CDK names a version after its function's code and settings, which are compared themselves. */
const versionHash = /(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g;

/** Whether two assemblies say the same but for the contents of their assets, whose keys are hashes. */
export function templatesEqual(stacks: readonly Stack[], others: readonly Stack[]): boolean {
  const text = (of: readonly Stack[]) =>
    JSON.stringify(of.map(({ name, template }) => [name, template]))
      .replaceAll(/[0-9a-f]{64}/g, 'asset')
      .replaceAll(versionHash, '$1');
  return text(stacks) === text(others);
}

function readAssetFolders(folder: string, artifacts: readonly Artifact[]): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  for (const { type, properties } of artifacts) {
    if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
    const { files = {} } = readJson(join(folder, properties.file)) as { files?: Record<string, FileAsset> };
    for (const { source, destinations } of Object.values(files))
      for (const { objectKey } of Object.values(destinations))
        folders.set(objectKey, join(folder, source.path));
  }
  return folders;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UnreadableAssembly(`${path} could not be read as JSON. Remove its folder and start again.`, {
      cause,
    });
  }
}
