// Puts an object back into the engine, in parts where it is larger than the engine takes at once.

import { EngineRefused, sendToEngine } from '../../core/engine-call.ts';
import { textIn } from '../../core/http/xml-text.ts';
import { objectPath } from '../../core/proxy/object-path.ts';
import type { Kept } from './object-files.ts';

/** Above S3's least size of a part, and well below the engine's bound. */
const partBytes = 8 * 1024 * 1024;

/** Answers with what went wrong, if something did. */
export async function restoreObject(
  endpoint: string,
  bucket: string,
  { key, headers, body }: Kept,
): Promise<string | undefined> {
  const path = objectPath(bucket, key);
  const send = async (
    method: 'PUT' | 'POST',
    query: string,
    content: Buffer | string,
    more: Kept['headers'] = {},
  ) => {
    const request = { method, path: `${path}${query}`, service: 's3', headers: more, body: content };
    const answer = await sendToEngine(endpoint, request);
    if (answer.status >= 300) throw new EngineRefused('restore', `HTTP ${answer.status}`, answer.text);
    return answer;
  };
  try {
    if (body.byteLength <= partBytes) await send('PUT', '', body, headers);
    else {
      const { text } = await send('POST', '?uploads', '', headers);
      const uploadId = encodeURIComponent(textIn(text, 'UploadId'));
      const parts: string[] = [];
      for (let from = 0; from < body.byteLength; from += partBytes) {
        const number = parts.length + 1;
        const part = body.subarray(from, from + partBytes);
        const { etag } = await send('PUT', `?partNumber=${number}&uploadId=${uploadId}`, part);
        parts.push(`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
      }
      const list = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      await send('POST', `?uploadId=${uploadId}`, list);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof EngineRefused)) throw error;
    return error.message;
  }
}
