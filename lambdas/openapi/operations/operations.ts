// What is said of each route. A route that is missing here does not compile.

import type { RouteName } from '../../../domain/api/routes.ts';
import type { Operation, Operations } from '../operation.ts';
import { doorOperations } from './doors.ts';
import { eventOperations } from './events.ts';
import { ingestOperations } from './ingest.ts';
import { keyOperations } from './keys.ts';
import { memberOperations } from './members.ts';
import { quarantineOperations } from './quarantine.ts';
import { readingOperations } from './reading.ts';
import { rejectionOperations } from './rejections.ts';
import { serviceOperations } from './service.ts';
import { sloOperations } from './slo.ts';

const all: Operations<RouteName> = {
  ...ingestOperations,
  ...doorOperations,
  ...eventOperations,
  ...readingOperations,
  ...quarantineOperations,
  ...rejectionOperations,
  ...keyOperations,
  ...memberOperations,
  ...serviceOperations,
  ...sloOperations,
};

export const operationOf = (name: RouteName): Operation => all[name] as Operation;
