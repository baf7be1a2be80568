// PutRecords without the middleware of the SDK, which takes half of the CPU of a call (ADR 44). Endpoint, region,
// credentials, signature, connections and timeouts are those of the SDK's client. A call is made once.

import { text } from 'node:stream/consumers';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import type { OutgoingRecord } from '../../domain/record/port.ts';

/** Of a record. Only a sequence number without an error code says that it was taken. */
export type Acknowledgement = { readonly SequenceNumber?: string; readonly ErrorCode?: string };

/** In the order of the records. Kinesis may have taken some and refused others. */
export type PutRecords = (
  streamName: string,
  records: readonly OutgoingRecord[],
  abortSignal?: AbortSignal,
) => Promise<readonly Acknowledgement[]>;

/** Kinesis took no record. It has the name and the metadata that an error of the SDK would have. */
export class PutRecordsRefused extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };
  constructor(name: string, message: string, $metadata: PutRecordsRefused['$metadata']) {
    super(message);
    this.name = name;
    this.$metadata = $metadata;
  }
}

export function createPutRecords(client: KinesisClient): PutRecords {
  let route: Promise<Route> | undefined;
  return async (streamName, records, abortSignal) => {
    route ??= routeOf(client);
    const { signer, host, ...target } = await route.catch((error: unknown) => {
      route = undefined;
      throw error;
    });
    const body = JSON.stringify(inputOf(streamName, records));
    // Lambda sets it for each invocation.
    const traceId = process.env._X_AMZN_TRACE_ID;
    const headers = {
      host,
      'content-type': 'application/x-amz-json-1.1',
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': 'Kinesis_20131202.PutRecords',
      ...(traceId && { 'x-amzn-trace-id': traceId }),
    };
    const request = await signer.sign({ ...target, method: 'POST', query: {}, headers, body });
    const { response } = await client.config.requestHandler.handle(request, abortSignal && { abortSignal });
    return acknowledgementsIn(response);
  };
}

const inputOf = (streamName: string, records: readonly OutgoingRecord[]) => ({
  StreamName: streamName,
  Records: records.map(({ partitionKey, data }) => ({
    PartitionKey: partitionKey,
    Data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  })),
});

type Route = Awaited<ReturnType<typeof routeOf>>;

/** The same for all calls of a client. Its signer asks for credentials at each call: they expire. */
async function routeOf({ config }: KinesisClient) {
  const endpoint = await getEndpointFromInstructions({}, PutRecordsCommand, config);
  const { protocol, hostname, port, pathname, host } = endpoint.url;
  return {
    signer: await config.signer(endpoint.properties?.authSchemes?.[0]),
    host,
    protocol,
    hostname,
    path: pathname,
    ...(port && { port: Number(port) }),
  };
}

type Response = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: NodeJS.ReadableStream;
};

async function acknowledgementsIn({ statusCode, headers, body }: Response) {
  const answer = await text(body);
  if (statusCode < 300) {
    const { Records = [] } = parse(answer) as { Records?: readonly Acknowledgement[] };
    return Records;
  }
  const { code, message } = problemIn(answer);
  throw new PutRecordsRefused(nameOf(code || headers['x-amzn-errortype']), message, {
    httpStatusCode: statusCode,
    requestId: headers['x-amzn-requestid'],
  });
}

/** What is null is as if it were not there, as for the SDK. */
const parse = (json: string): unknown => JSON.parse(json, (_, value: unknown) => value ?? undefined);

/** What is between Kinesis and us may answer anything. */
function problemIn(answer: string): { readonly code: string; readonly message: string } {
  try {
    const { __type: code = '', Message = '', message = Message } = parse(answer) as Record<string, unknown>;
    return { code: String(code), message: String(message) };
  } catch {
    return { code: '', message: answer };
  }
}

/** Of `com.amazonaws.kinesis#LimitExceededException:http://…` the part between. */
const nameOf = (code = ''): string => code.split(':', 1)[0]?.split('#').at(-1) || 'UnknownError';
