// Which request a piece of work belongs to, across functions and their records: W3C trace context is what is read
// first and what travels in a record, X-Ray's header is what the gateway gives and where spans end up.
// https://www.w3.org/TR/trace-context-2/#traceparent-header
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader

/** What work is told of where it belongs. The first of a trace has no span to be under. */
export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly parentId?: string;
  readonly sampled: boolean;
};

/** The same with an id of its own: work done, and what the work that follows from it is under. */
export type SpanContext = TraceContext & { readonly spanId: string };

export type Span = {
  readonly name: string;
  readonly context: SpanContext;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed?: boolean;
  /** By names of letters, digits and underscores: others cannot be searched for. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
};

/** Where spans go. Ending one costs its caller nothing and cannot fail; only sampled ones are kept. */
export type Spans = { end(span: Span): void };

export const spanIdBytes = 8;

/** A span under the one that the context names, or under the span itself where it is one. */
export function childOf(context: TraceContext | SpanContext, random: Uint8Array): SpanContext {
  const parentId = 'spanId' in context ? context.spanId : context.parentId;
  const { traceId, sampled } = context;
  return { traceId, ...(parentId && { parentId }), spanId: spanIdOf(random), sampled };
}

function spanIdOf(random: Uint8Array): string {
  const bytes = Buffer.from(random.subarray(0, spanIdBytes));
  // No id is all zeros.
  if (bytes.every((byte) => byte === 0)) bytes[spanIdBytes - 1] = 1;
  return bytes.toString('hex');
}

/** What is handed on to the work that follows from a span. */
export const formatTraceparent = ({ traceId, spanId, sampled }: SpanContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** X-Ray's way to write the same 32 digits. */
export const xrayTraceId = ({ traceId }: TraceContext): string =>
  `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;
const sampledFlag = 1;

export function readTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = traceparentPattern.exec(text) ?? [];
  if (version === undefined || version === 'ff' || isZero(traceId) || isZero(parentId)) return undefined;
  // Versions to come may say more after these four; the first one may not.
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & sampledFlag) !== 0 };
}

const xrayRootPattern = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/;
const xrayParentPattern = /^[0-9a-f]{16}$/;

/** Without `Sampled=1` nobody has decided to keep it. Fields of others, such as `Self` and `Lineage`, are passed over. */
export function readXrayHeader(text: string): TraceContext | undefined {
  const fields = new Map(
    text.split(';').map((field) => {
      const [name = '', value = ''] = field.trim().split('=', 2);
      return [name, value];
    }),
  );
  const root = xrayRootPattern.exec(fields.get('Root') ?? '');
  const traceId = root ? `${root[1]}${root[2]}` : '';
  if (isZero(traceId)) return undefined;
  const parent = fields.get('Parent') ?? '';
  const hasParent = xrayParentPattern.test(parent) && !isZero(parent);
  return { traceId, ...(hasParent && { parentId: parent }), sampled: fields.get('Sampled') === '1' };
}

const isZero = (id: string): boolean => /^0*$/.test(id);

/** Of a request: the client's own trace goes on where it has one; else the gateway's. `headerOf` ignores case. */
export function traceOf(headerOf: (name: string) => string | undefined): TraceContext | undefined {
  return readTraceparent(headerOf('traceparent') ?? '') ?? readXrayHeader(headerOf('x-amzn-trace-id') ?? '');
}

/** Of a record: a traceparent, or X-Ray's header in those that were written before there was one. */
export const readTrace = (text: string): TraceContext | undefined =>
  readTraceparent(text) ?? readXrayHeader(text);
