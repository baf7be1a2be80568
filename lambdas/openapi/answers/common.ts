// Schemas that several answers share. Tests read every answer by them, strictly. The document leaves clients room for
// members to come.

import * as z from 'zod';

export const time = z.iso.datetime().describe('RFC 3339, in UTC');
export const timeOrNull = z.nullable(time);
export const count = z.int().min(0);
export const account_id = z.string();
export const environment = z.string();
export const batch_id = z.string().describe('the id of the batch');
export const receipt = z.string().describe('the path of the receipt of the batch');
