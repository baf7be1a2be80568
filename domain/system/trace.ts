// Traces connect the work for one request across functions and records. A W3C traceparent is read first, and travels in
// records. X-Ray's header is what the gateway adds, and X-Ray is where spans are sent.
// https://www.w3.org/TR/trace-context-2/#traceparent-header
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader

/** The trace of a piece of work, and the span that it belongs to. The first span of a trace has no parent. */
export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly parentId?: string;
  readonly sampled: boolean;
};

/** The context of a span with an id of its own. It is the parent of the work that follows from it. */
export type SpanContext = TraceContext & { readonly spanId: string };

export type Span = {
  readonly name: string;
  readonly context: SpanContext;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed?: boolean;
  /** Names must be letters, digits and underscores, or X-Ray cannot search for them. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
};

/** Sends spans. `end` does not wait and never throws. Only sampled spans are sent. */
export type Spans = { end(span: Span): void };

export const spanIdBytes = 8;

/** A child of the span, or a span with the parent that the context names. */
export function childOf(context: TraceContext | SpanContext, random: Uint8Array): SpanContext {
  const parentId = 'spanId' in context ? context.spanId : context.parentId;
  const { traceId, sampled } = context;
  return { traceId, ...(parentId && { parentId }), spanId: spanIdOf(random), sampled };
}

function spanIdOf(random: Uint8Array): string {
  const bytes = Buffer.from(random.subarray(0, spanIdBytes));
  // The specification forbids an id of zeros.
  if (bytes.every((byte) => byte === 0)) bytes[spanIdBytes - 1] = 1;
  return bytes.toString('hex');
}

/** The traceparent for the work that follows from a span. */
export const formatTraceparent = ({ traceId, spanId, sampled }: SpanContext): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

/** The trace id in X-Ray's format. */
export const xrayTraceId = ({ traceId }: TraceContext): string =>
  `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;

const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;
const sampledFlag = 1;

export function readTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId = '', parentId = '', flags = '', more] = traceparentPattern.exec(text) ?? [];
  if (version === undefined || version === 'ff' || isZero(traceId) || isZero(parentId)) return undefined;
  // Later versions may append fields. Version 00 may not.
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & sampledFlag) !== 0 };
}

const xrayRootPattern = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/;
const xrayParentPattern = /^[0-9a-f]{16}$/;

/** Sampled only with `Sampled=1`. Other fields, such as `Self` and `Lineage`, are ignored. */
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

/** The trace of a request: the client's own if it sent one, otherwise the gateway's. `headerOf` must ignore case. */
export function traceOf(headerOf: (name: string) => string | undefined): TraceContext | undefined {
  return readTraceparent(headerOf('traceparent') ?? '') ?? readXrayHeader(headerOf('x-amzn-trace-id') ?? '');
}

/** The trace of a record: a traceparent, or X-Ray's header in older records. */
export const readTrace = (text: string): TraceContext | undefined =>
  readTraceparent(text) ?? readXrayHeader(text);
