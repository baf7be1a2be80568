// The three functions of the shop, as a small app has them: plain code with the SDK, and nothing of the twin.

import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

const { TABLE: TableName, QUEUE_URL: QueueUrl, AWS_ENDPOINT_URL: endpoint } = process.env;
const table = new DynamoDBClient({ maxAttempts: 1 });
const keyOf = (id) => ({ id: { S: id } });
const answer = (statusCode, value) => ({ statusCode, body: JSON.stringify(value) });

/** POST /orders. Its role may send to the queue, and not read the table. */
export async function take({ body }) {
  const order = JSON.parse(body);
  if (order.peek) {
    const failure = await table.send(new GetItemCommand({ TableName, Key: keyOf(order.id) })).then(
      () => undefined,
      (error) => error.name,
    );
    return answer(200, { failure });
  }
  await sendToQueue(JSON.stringify(order));
  return answer(202, { id: order.id });
}

/** The queue's messages, of which those without an id come back. */
export async function store({ Records }) {
  const batchItemFailures = [];
  for (const { messageId, body } of Records) {
    const { id, item } = JSON.parse(body);
    if (id === undefined) batchItemFailures.push({ itemIdentifier: messageId });
    else await table.send(new PutItemCommand({ TableName, Item: { ...keyOf(id), item: { S: item } } }));
  }
  return { batchItemFailures };
}

/** GET /orders/{id}. */
export async function show({ pathParameters }) {
  const { Item } = await table.send(new GetItemCommand({ TableName, Key: keyOf(pathParameters.id) }));
  return Item === undefined
    ? answer(404, { error: 'no such order' })
    : answer(200, { id: Item.id.S, item: Item.item.S });
}

/** By SQS's JSON protocol, because this project has no SDK client of SQS. */
async function sendToQueue(MessageBody) {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${process.env.AWS_ACCESS_KEY_ID}/${day}/${process.env.AWS_REGION}/sqs/aws4_request`;
  const sent = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessage',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify({ QueueUrl, MessageBody }),
  });
  if (!sent.ok) throw new Error(`SendMessage: ${sent.status} ${await sent.text()}`);
}
