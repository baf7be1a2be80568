// Who read the data of an account, or was refused to: what the access log of the API tells of its GET requests.

export type AccountRead = {
  readonly atMs: number;
  /** Such as `key 49a1c7d03be2` or `person ada`. */
  readonly who: string;
  /** As declared, without what was asked for: such as `/v1/batches/{batch_id}`. */
  readonly route: string;
  readonly status: number;
  /** The address that the request came from. */
  readonly from: string;
  readonly requestId: string;
};

export type AccessLog = {
  /** From `fromMs` until before `toMs`, the oldest first. */
  reads(
    account: string,
    range: { readonly fromMs: number; readonly toMs: number },
  ): Promise<readonly AccountRead[]>;
};

/** What the access log writes for a field that a request does not have. */
const none = '-';

/** A line of the access log, as lib/api/access-log.ts lays it out. Undefined for what is none. */
export function readOfLine(line: string): AccountRead | undefined {
  const fields = fieldsOf(line);
  const { requestId, requestTimeEpoch, keyId = none, person = none, route, status, ip } = fields;
  const atMs = Number(requestTimeEpoch);
  if (requestId === undefined || route === undefined || ip === undefined || !Number.isFinite(atMs))
    return undefined;
  const who = person === none ? `key ${keyId}` : `person ${person}`;
  return { atMs, who, route, status: Number(status), from: ip, requestId };
}

function fieldsOf(line: string): Readonly<Record<string, string | undefined>> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
