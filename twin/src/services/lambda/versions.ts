// The versions and aliases of functions. An alias may give a share of its calls to a second version. All versions of the
// template run its code; one that is published later brings code of its own.

import { functionNameOf, qualifierOf, type Template } from '../../template/template.ts';

export const latest = '$LATEST';

export type Alias = {
  readonly version: string;
  /** The share of calls that another version takes, by version. */
  readonly additional: Readonly<Record<string, number>>;
};

export class NoSuchVersion extends Error {
  override readonly name = 'NoSuchVersion';
}

/** What Lambda refuses, in its own words. */
export class InvalidAlias extends Error {
  override readonly name = 'InvalidAlias';
}

type VersionsOptions = {
  readonly template: Template;
  /** From 0 to 1: it decides which version a call runs. */
  readonly random: () => number;
};

export class Versions {
  private readonly options: VersionsOptions;
  /** By the name of the function: the number of its newest version. */
  private readonly newest = new Map<string, number>();
  /** By `function:alias`. */
  private readonly aliases = new Map<string, Alias>();

  constructor(options: VersionsOptions) {
    this.options = options;
  }

  /** Reads those of the template. Throws InvalidAlias. */
  start(): void {
    const { template } = this.options;
    for (const { properties } of template.resources('AWS::Lambda::Version'))
      this.newest.set(functionNameOf(String(properties.FunctionName)), 1);
    for (const { name, properties } of template.resources('AWS::Lambda::Alias')) {
      const { AdditionalVersionWeights = [] } = (properties.RoutingConfig ?? {}) as {
        readonly AdditionalVersionWeights?: readonly {
          readonly FunctionVersion: string;
          readonly FunctionWeight: number;
        }[];
      };
      this.setAlias(functionNameOf(String(properties.FunctionName)), name, {
        version: String(properties.FunctionVersion),
        additional: Object.fromEntries(
          AdditionalVersionWeights.map((each) => [each.FunctionVersion, Number(each.FunctionWeight)]),
        ),
      });
    }
  }

  /** The version that a call runs: chosen by weight, if it names an alias. Throws NoSuchVersion. */
  pick(functionName: string, nameOrArn: string): string {
    const qualifier = qualifierOf(nameOrArn) ?? latest;
    if (this.exists(functionName, qualifier)) return qualifier;
    const alias = this.alias(functionName, qualifier);
    if (alias === undefined) throw new NoSuchVersion(`${functionName} has no version or alias ${qualifier}.`);
    let point = this.options.random();
    for (const [version, weight] of Object.entries(alias.additional)) {
      point -= weight;
      if (point < 0) return version;
    }
    return alias.version;
  }

  alias(functionName: string, name: string): Alias | undefined {
    return this.aliases.get(`${functionName}:${name}`);
  }

  /** Invocations under way end on the version that they began with. Throws InvalidAlias. */
  setAlias(functionName: string, name: string, alias: Alias): void {
    const weights = Object.entries(alias.additional);
    const [[other = alias.version, weight = 0] = []] = weights;
    if (weights.length > 1) throw new InvalidAlias('An alias has at most one additional version.');
    if (!(weight >= 0 && weight <= 1))
      throw new InvalidAlias(`The weight ${weight} of version ${other} is not from 0 to 1.`);
    for (const version of [alias.version, other])
      if (!this.exists(functionName, version))
        throw new InvalidAlias(`${functionName} has no version ${version}.`);
    if (weights.length > 0 && [alias.version, other].includes(latest))
      throw new InvalidAlias(`${latest} has no weight: an alias with two versions points to published ones.`);
    this.aliases.set(`${functionName}:${name}`, alias);
  }

  /** Returns the number of a new version. */
  publish(functionName: string): string {
    const version = (this.newest.get(functionName) ?? 0) + 1;
    this.newest.set(functionName, version);
    return String(version);
  }

  private exists(functionName: string, version: string): boolean {
    if (version === latest) return true;
    return /^[1-9]\d*$/.test(version) && Number(version) <= (this.newest.get(functionName) ?? 0);
  }
}
