// A small CDK app that is not Weir, with the defaults of the CDK: orders come by an API, wait in a queue, and are kept
// in a table. No names but those that the CDK makes up.

import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';

/** Writes the cloud assembly to the folder. */
export function synthesizeShop(outdir: string): void {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Shop');
  const table = new Table(stack, 'Orders', { partitionKey: { name: 'id', type: AttributeType.STRING } });
  const queue = new Queue(stack, 'Waiting');
  const functionOf = (name: string) =>
    new LambdaFunction(stack, name, {
      runtime: Runtime.NODEJS_24_X,
      code: Code.fromAsset(join(import.meta.dirname, 'functions')),
      handler: `orders.${name.toLowerCase()}`,
      environment: { TABLE: table.tableName, QUEUE_URL: queue.queueUrl },
    });
  const [take, store, show] = [functionOf('Take'), functionOf('Store'), functionOf('Show')];
  queue.grantSendMessages(take);
  table.grantWriteData(store);
  table.grantReadData(show);
  store.addEventSource(new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true }));
  const orders = new RestApi(stack, 'Api').root.addResource('orders');
  orders.addMethod('POST', new LambdaIntegration(take));
  orders.addResource('{id}').addMethod('GET', new LambdaIntegration(show));
  app.synth();
}
