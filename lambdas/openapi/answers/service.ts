import * as z from 'zod';

export const liveness = z
  .strictObject({ status: z.literal('alive'), dependencies: z.literal('not_checked') })
  .meta({ id: 'Liveness', description: 'The gateway and one function answer. Nothing else is checked.' });

export const openApi = z
  .looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) })
  .meta({ id: 'OpenApi', description: 'A document of OpenAPI 3.1.' });
