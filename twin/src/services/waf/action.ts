// What a web ACL does with a request that a rule matches: it counts it, or blocks it, perhaps with an answer of its own.
// That answer comes before the gateway response WAF_FILTERED.
// https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-response-for-blocked-requests.html

import type { HttpAnswer } from '../../core/http/http-answer.ts';
import { WebAclNotModelled } from './statement.ts';

/** `answer`: in place of the gateway's own. */
export type Block = { readonly answer?: HttpAnswer };

export type Action = Readonly<Record<string, { readonly CustomResponse?: CustomResponse } | undefined>>;

type CustomResponse = {
  readonly ResponseCode: number | string;
  readonly CustomResponseBodyKey?: string;
  readonly ResponseHeaders?: readonly { readonly Name: string; readonly Value: string }[];
};

export type CustomResponseBodies = Readonly<
  Record<string, { readonly ContentType: string; readonly Content: string }>
>;

const contentTypes: Readonly<Record<string, string>> = {
  APPLICATION_JSON: 'application/json',
  TEXT_HTML: 'text/html',
  TEXT_PLAIN: 'text/plain',
};

/** Undefined for an action that only counts. */
export function readAction(
  place: string,
  action: Action,
  bodies: CustomResponseBodies,
): { readonly block: Block | undefined } {
  const { Block, Count } = action;
  if (Block === undefined && Count === undefined)
    throw new WebAclNotModelled(`${place}: the action ${Object.keys(action).join()} is not modelled.`);
  return { block: Block && blockOf(Block.CustomResponse, bodies) };
}

export function blockOf(response: CustomResponse | undefined, bodies: CustomResponseBodies): Block {
  if (response === undefined) return {};
  const { ResponseCode, CustomResponseBodyKey, ResponseHeaders = [] } = response;
  const body = CustomResponseBodyKey === undefined ? undefined : bodies[CustomResponseBodyKey];
  const contentType = body && contentTypes[body.ContentType];
  return {
    answer: {
      status: Number(ResponseCode),
      headers: {
        ...Object.fromEntries(ResponseHeaders.map(({ Name, Value }) => [Name.toLowerCase(), Value])),
        ...(contentType && { 'content-type': contentType }),
      },
      body: Buffer.from(body?.Content ?? ''),
    },
  };
}
