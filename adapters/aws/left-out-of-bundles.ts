// Stands in the bundles of functions for parts of the AWS SDK that its clients import and our calls never reach
// (lib/function/bundle.ts). It imports nothing: the SDK loads event streams by a dynamic import, and whatever that
// reaches the bundler can no longer shake.

/** In place of `@aws-sdk/endpoint-cache`: the client of DynamoDB makes one, and no command reads it. */
export class EndpointCache {}

// In place of `@smithy/core/event-streams`, for SubscribeToShard of Kinesis and SelectObjectContent of S3.

export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

export const eventStreamSerdeProvider = (): never => {
  throw new Error('Event streams are left out of the bundles: remove their alias in lib/function/bundle.ts.');
};

export class EventStreamSerde {
  constructor() {
    eventStreamSerdeProvider();
  }
}
