// The door to single parts, for contract tests and benches: engines, the proxy before them, and what Lambda sends.

export {
  authorizationFor,
  callEngine,
  EngineRefused,
  sendToEngine,
} from './core/engine-call.ts';
export { FauxqsEngine } from './core/fauxqs-engine.ts';
export { close, listen } from './core/http/listen.ts';
export { type AwsCall, jsonAnswer, type Step } from './core/proxy/aws-call.ts';
export { AwsProxy } from './core/proxy/aws-proxy.ts';
export { createCallMeter } from './core/proxy/call-meter.ts';
export { createCallers } from './core/proxy/identify.ts';
export { type Json, jsonBody } from './core/proxy/json-body.ts';
export { readPartiQl, textIn } from './core/proxy/partiql.ts';
export { DynamoDbEngine } from './services/dynamodb/engine.ts';
export { KinesisEngine } from './services/kinesis/engine.ts';
export { failureRecord } from './services/lambda/stream-mapping/failure-record.ts';
export { filterOf } from './services/logs/filter-pattern.ts';
