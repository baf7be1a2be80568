// Claims event ids with PartiQL inserts, 25 a call. An insert is a conditional put at one write unit, and a call of
// 25 costs about a tenth of the CPU of single puts (bench/claims.ts). Each statement fails on its own, and the SDK
// retries none.

import { BatchExecuteStatementCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Identity, IdentityClaim } from '../../domain/storing/identity.ts';
import { recordOfPointer } from '../../domain/storing/pages.ts';
import type { ClaimResult, Identities } from '../../domain/storing/port.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { isTransientCode } from '../aws/transient-errors.ts';

const statementsPerCall = 25;
const callsAtOnce = 4;
const maxTries = 6;

export class StatementRefused extends Error {
  override readonly name = 'StatementRefused';
}

type Change = Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key'>;

export class DynamoIdentities implements Identities {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async claim(claims: readonly IdentityClaim[]): Promise<ClaimResult[]> {
    const results = new Map<string, ClaimResult>();
    let open = claims;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt === maxTries)
        throw new TableUnavailable(`Some ids could not be claimed in ${maxTries} tries`);
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const { claimed, exists } = await this.#insertAll(open);
      for (const claim of claimed) results.set(claim.key, { outcome: 'claimed' });
      const decided = await this.#readHolders(exists);
      for (const [key, result] of decided) results.set(key, result);
      open = open.filter((claim) => !results.has(claim.key));
    }
    return claims.map((claim) => results.get(claim.key) as ClaimResult);
  }

  /** Claims in neither list were throttled or not answered. They are retried. */
  async #insertAll(claims: readonly IdentityClaim[]) {
    const claimed: IdentityClaim[] = [];
    const exists: IdentityClaim[] = [];
    await mapBounded([...inChunks(claims, statementsPerCall)], callsAtOnce, async (chunk) => {
      const answer = await callTable(`BatchExecuteStatement on ${this.#table.name}`, () =>
        this.#table.client.send(
          new BatchExecuteStatementCommand({ Statements: chunk.map((claim) => this.#insert(claim)) }),
        ),
      );
      chunk.forEach((claim, index) => {
        const response = answer.Responses?.[index];
        // HTTP 200 says nothing about a statement: only its own answer without an error is a claim.
        const code = response && (response.Error ? (response.Error.Code ?? 'unknown') : 'none');
        if (code === 'none') claimed.push(claim);
        else if (code === 'DuplicateItem') exists.push(claim);
        else if (code !== undefined && !isTransientCode(code)) {
          throw new StatementRefused(`A claim was refused with ${code}.`);
        }
      });
    });
    return { claimed, exists };
  }

  #insert(claim: IdentityClaim) {
    return {
      Statement: `INSERT INTO "${this.#table.name}" VALUE {'pk': ?, 'p': ?, 'd': ?, 'u': ?, 'ttl': ?}`,
      Parameters: [claim.key, claim.page, claim.digest, claim.untilMs, epochSeconds(claim.expiresAtMs)],
    };
  }

  /** Ids whose item is gone, or was just taken over by another record, have no result: they are claimed again. */
  async #readHolders(claims: readonly IdentityClaim[]): Promise<Map<string, ClaimResult>> {
    const decided = new Map<string, ClaimResult>();
    if (claims.length === 0) return decided;
    const items = await batchGet(
      this.#table,
      claims.map((claim) => ({ pk: claim.key })),
    );
    const holders = new Map(items.map((item) => [String(item.pk), fromItem(item)]));
    for (const claim of claims) {
      const by = holders.get(claim.key);
      if (!by) continue;
      if (claim.receivedAtMs <= by.untilMs) decided.set(claim.key, { outcome: 'held', by });
      else if (await this.#takeOver(claim, by)) decided.set(claim.key, { outcome: 'claimed' });
    }
    return decided;
  }

  async release(claims: readonly IdentityClaim[], untilMs: number): Promise<void> {
    await mapBounded(claims, callsAtOnce, async (claim) => {
      await this.#update(claim.key, {
        UpdateExpression: 'SET u = :u',
        ConditionExpression: 'p = :page AND u > :u',
        ExpressionAttributeValues: { ':u': untilMs, ':page': claim.page },
      });
    });
  }

  /** An identity changes its record only after its `untilMs`, and only from the record that was read (R4). */
  #takeOver(claim: IdentityClaim, from: Identity): Promise<boolean> {
    return this.#update(claim.key, {
      UpdateExpression: 'SET p = :p, d = :d, u = :u, #ttl = :ttl',
      ConditionExpression: 'p = :from AND u = :until',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':p': claim.page,
        ':d': claim.digest,
        ':u': claim.untilMs,
        ':ttl': epochSeconds(claim.expiresAtMs),
        ':from': from.page,
        ':until': from.untilMs,
      },
    });
  }

  /** False if the condition fails. */
  async #update(key: string, change: Change): Promise<boolean> {
    try {
      await callTable(`UpdateItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new UpdateCommand({ TableName: this.#table.name, Key: { pk: key }, ...change }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

function fromItem(item: Item): Identity {
  const page = String(item.p);
  return {
    record: recordOfPointer(page),
    page,
    digest: item.d as Uint8Array,
    untilMs: Number(item.u),
  };
}
