// No secret is in a log, nor a part of one past the id of its key. Every flow that has a twin of its own removes its folder
// by `removeTwinFolder`, which looks through all logs of it first.

import { appendFileSync, existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { secretRandomBytes } from '../../domain/accounts/secrets.ts';
import { signingSecretRandomBytes } from '../../domain/signing/signing-secrets.ts';

/** What begins like a secret and goes on past its id, whoever made it. */
const forms: Readonly<Record<string, RegExp>> = {
  'an API key': /weir_[a-z0-9-]+_[a-z0-9-]+_[0-9a-f]{12}_[0-9A-Za-z]/,
  'a signing secret': /weirsig_[0-9a-f]{12}_[0-9a-f]/,
  'a JWT': /\beyJ[\w-]{6,}\.eyJ[\w-]{6,}/,
  // In the three places that a text can have in groups of three bytes.
  'an API key in base64': /d2Vpcl9[\w+/-]{24}|dlaXJf[\w+/-]{24}|3ZWlyX[\w+/-]{24}/,
};

/** The random parts of secrets that were made or used, in hexadecimal. */
const known = new Set<string>();
/** Fewer digits can be in a log by chance. */
const tellingDigits = 12;

/** Remembers the random part of a secret of a key. */
export function rememberSecret(secret: string): void {
  const random = /_([0-9a-f]{32})[0-9A-Za-z]{6}$/.exec(secret)?.[1];
  if (random !== undefined) known.add(random.slice(0, tellingDigits));
}

/** Remembers what a secret is made of. */
export function rememberRandom(bytes: Uint8Array): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  if (bytes.length === secretRandomBytes) known.add(hex.slice(0, tellingDigits));
  // It begins with the id of the secret.
  if (bytes.length === signingSecretRandomBytes) known.add(hex.slice(12, 12 + tellingDigits));
  return bytes;
}

export const logsIn = (folder: string): string[] => globSync(join(folder, '**', '*.log'));

/** Where a log has a secret, without the secret. */
export function secretsIn(folder: string): string[] {
  return logsIn(folder).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const kinds = Object.entries(forms).filter(([, form]) => form.test(line));
        const has = kinds.map(([kind]) => kind);
        if ([...known].some((random) => line.includes(random))) has.push('a random part');
        return has.map((kind) => `${file}:${index + 1} has ${kind}`);
      }),
  );
}

/** Of a run of flows. A worker may remove the folder of its twin after all else, when what it throws is lost. */
const findings = join(import.meta.dirname, '..', '..', '.weir', 'secrets-in-logs.txt');

let isWatching = false;

/** The run fails, however late something is found. To be called in the process that outlives the workers. */
export function failRunForSecrets(): void {
  if (isWatching) return;
  isWatching = true;
  rmSync(findings, { force: true });
  process.once('exit', () => {
    if (!existsSync(findings)) return;
    console.error(readFileSync(findings, 'utf8'));
    process.exitCode = 1;
  });
}

/** Notes what is found. */
export function removeTwinFolder(folder: string): void {
  const found = secretsIn(folder);
  rmSync(folder, { recursive: true, force: true });
  if (found.length > 0) appendFileSync(findings, `Secrets are in logs:\n${found.join('\n')}\n`);
}
