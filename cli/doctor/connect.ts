// Connects to the AWS account. Only a verb that connects loads this module, because the AWS clients take a while to load.

import { AwsAccount } from '../../adapters/aws/aws-account.ts';
import { type Connection, workTimeouts } from '../../adapters/aws/client-options.ts';
import { systemClock } from '../../adapters/system/clock-and-random.ts';

export async function connectAccount(connection: Connection): Promise<AwsAccount> {
  const account = new AwsAccount(workTimeouts, connection, () => systemClock.now());
  // Without one nothing can be asked: it is told before anything is.
  await account.region();
  return account;
}
