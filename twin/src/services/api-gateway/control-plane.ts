// API Gateway's control plane, as much of it as an operator needs: keys, attaching them to usage plans, and how many
// there are of both, in one page.
// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import { type ApiKeys, ControlPlaneRefusal } from './api-keys.ts';

type Operation = {
  readonly method: string;
  readonly path: RegExp;
  run(input: JsonRecord, ids: readonly string[], query: URLSearchParams): Promise<AwsAnswer>;
};

export function createApiGatewayControl(apiKeys: ApiKeys, planIds: readonly string[]) {
  const operations: readonly Operation[] = [
    {
      method: 'GET',
      path: /^\/usageplans$/,
      run: async () => jsonAnswer(200, { item: planIds.map((id) => ({ id })) }),
    },
    {
      method: 'GET',
      path: /^\/apikeys$/,
      run: async () => jsonAnswer(200, { item: apiKeys.list().map(({ id, name }) => ({ id, name })) }),
    },
    {
      method: 'POST',
      path: /^\/apikeys$/,
      run: async ({ name, value, enabled }) =>
        jsonAnswer(
          201,
          await apiKeys.create({
            ...(typeof name === 'string' && { name }),
            ...(typeof value === 'string' && { value }),
            ...(typeof enabled === 'boolean' && { enabled }),
          }),
        ),
    },
    {
      method: 'GET',
      path: /^\/apikeys\/([^/]+)$/,
      run: async (_input, [keyId = ''], query) => {
        const { id, name, enabled, value } = apiKeys.get(keyId);
        return jsonAnswer(200, {
          id,
          name,
          enabled,
          ...(query.get('includeValue') === 'true' && { value }),
        });
      },
    },
    {
      method: 'POST',
      path: /^\/usageplans\/([^/]+)\/keys$/,
      run: async ({ keyId, keyType }, [planId = '']) => {
        if (!planIds.includes(planId))
          throw new ControlPlaneRefusal(404, 'NotFoundException', 'Invalid Usage Plan identifier specified');
        if (keyType !== 'API_KEY')
          throw new ControlPlaneRefusal(400, 'BadRequestException', 'Invalid keyType specified');
        const { id, name, value } = await apiKeys.attach(planId, String(keyId));
        return jsonAnswer(201, { id, name, value, type: 'API_KEY' });
      },
    },
  ];
  return async (call: Pick<AwsCall, 'method' | 'url' | 'body'>): Promise<AwsAnswer> => {
    const [pathname = '', query] = call.url.split('?', 2);
    for (const { method, path, run } of operations) {
      const match = path.exec(pathname);
      if (method !== call.method || match === null) continue;
      try {
        const input: unknown = call.body.byteLength === 0 ? {} : JSON.parse(call.body.toString());
        if (!isJsonRecord(input)) return badRequest('Invalid request body');
        return await run(input, match.slice(1).map(decodeURIComponent), new URLSearchParams(query));
      } catch (error) {
        if (error instanceof SyntaxError) return badRequest('Invalid JSON');
        if (error instanceof URIError) return badRequest('Invalid path');
        if (error instanceof ControlPlaneRefusal) return errorAnswer(error.status, error.code, error.message);
        throw error;
      }
    }
    return errorAnswer(
      501,
      'NotModelled',
      `The local twin has no ${call.method} ${pathname} of API Gateway.`,
    );
  };
}

function badRequest(message: string): AwsAnswer {
  return errorAnswer(400, 'BadRequestException', message);
}
