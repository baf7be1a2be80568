// The main door: run the stacks of a CDK app on this machine.

export { type Clock, ClockOutOfRange } from './core/clock.ts';
export { FolderInUse, FolderUnusable } from './core/folder-lock.ts';
export { PortInUse } from './core/http/listen.ts';
export type { CallCount, CallCounts } from './core/proxy/call-meter.ts';
export { EndFailed, StartFailed } from './core/start-in-phases.ts';
export { startTwin, type Twin, type TwinState } from './core/twin.ts';
export { assertCanStart, type TwinOptions } from './core/twin-options.ts';
export { DamagedData, StaleData } from './core/unusable-data.ts';
export { PageProblem, type Pages, WrongInput } from './pages/pages.ts';
export type { UnusedGrant } from './services/iam/unused-grants.ts';
export type { ShardState } from './services/lambda/stream-mapping/shard.ts';
