// API Gateway's control plane, as much of it as an operator needs: keys, attaching them to usage plans, and finding both.
// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html

import { isJsonRecord, type JsonRecord } from '../../core/json-record.ts';
import { type AwsAnswer, type AwsCall, errorAnswer, jsonAnswer } from '../../core/proxy/aws-call.ts';
import { type ApiKey, type ApiKeys, ControlPlaneRefusal } from './api-keys.ts';

type Operation = {
  readonly method: string;
  readonly path: RegExp;
  run(input: JsonRecord, ids: readonly string[], query: URLSearchParams): Promise<AwsAnswer>;
};

export function createApiGatewayControl(apiKeys: ApiKeys, planIds: readonly string[]) {
  const operations: readonly Operation[] = [
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
      path: /^\/apikeys$/,
      run: async (_input, _ids, query) => {
        const { page, position } = pageOf(apiKeys.named(query.get('name') ?? ''), query);
        const item = page.map((key) => shownKey(key, query.get('includeValues') === 'true'));
        return jsonAnswer(200, { item, ...position });
      },
    },
    {
      method: 'DELETE',
      path: /^\/apikeys\/([^/]+)$/,
      run: async (_input, [keyId = '']) => {
        await apiKeys.remove(keyId);
        return { status: 202, headers: {}, body: Buffer.alloc(0) };
      },
    },
    {
      method: 'GET',
      path: /^\/usageplans$/,
      run: async (_input, _ids, query) => {
        const keyId = query.get('keyId');
        const shown = keyId === null ? planIds : apiKeys.plansOf(apiKeys.get(keyId).id);
        const { page, position } = pageOf(shown, query);
        return jsonAnswer(200, { item: page.map((id) => ({ id })), ...position });
      },
    },
    {
      method: 'GET',
      path: /^\/apikeys\/([^/]+)$/,
      run: async (_input, [keyId = ''], query) => {
        return jsonAnswer(200, shownKey(apiKeys.get(keyId), query.get('includeValue') === 'true'));
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

const shownKey = ({ id, name, enabled, value }: ApiKey, withValue: boolean) => ({
  id,
  name,
  enabled,
  ...(withValue && { value }),
});

const mostInPage = 500;

/** `position` is where the next page begins. */
function pageOf<Of>(list: readonly Of[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 25);
  const begin = Number(query.get('position') ?? 0);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostInPage || !Number.isInteger(begin))
    throw new ControlPlaneRefusal(400, 'BadRequestException', 'Invalid limit or position');
  const end = begin + limit;
  return {
    page: list.slice(begin, end),
    position: end < list.length ? { position: String(end) } : {},
  };
}

function badRequest(message: string): AwsAnswer {
  return errorAnswer(400, 'BadRequestException', message);
}
