// The hop that watches the others from outside: each minute it sends an event through the API and reads its receipt, by an
// account of the platform's own, which it makes itself.

import { Duration } from 'aws-cdk-lib';
import { CfnApiKey, CfnUsagePlanKey } from 'aws-cdk-lib/aws-apigateway';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { probeAccount, probeKeyId } from '../../domain/accounts/probe-account.ts';
import {
  accountKey,
  accountKeysKey,
  accountsKey,
  apiKeyKey,
  auditKey,
  generationKey,
} from '../../domain/keys.ts';
import { allowPartitions } from '../function/grants.ts';
import { WeirFunction } from '../function/weir-function.ts';
import type { HopProps } from './hop.ts';

export const probeEveryMinutes = 1;

export type ProbeProps = HopProps & {
  readonly apiUrl: string;
  /** On the slowest plan. */
  readonly usagePlanId: string;
};

export class Probe extends Construct {
  readonly function: WeirFunction['function'];

  constructor(scope: Construct, id: string, { stage, code, storage, apiUrl, usagePlanId }: ProbeProps) {
    super(scope, id);
    const { accounts } = storage.tables;
    // It ties the account to its usage plan and grants no access, so that it may be in a template.
    const planKey = `${probeAccount}-of-${stage.name}-on-its-usage-plan`;
    if (stage.planKeys === true) {
      const key = new CfnApiKey(this, 'PlanKey', {
        name: `weir-${stage.name}-${probeAccount}`,
        value: planKey,
        enabled: true,
      });
      new CfnUsagePlanKey(this, 'OnPlan', { keyId: key.ref, keyType: 'API_KEY', usagePlanId });
    }
    const probe = new WeirFunction(this, 'Probe', {
      stage,
      code,
      verb: 'probe',
      description: 'Sends an event a minute through the API, and reads its receipt',
      memoryMebibytes: 256,
      timeoutSeconds: 55,
      environment: { ACCOUNTS_TABLE: accounts.tableName, API_URL: apiUrl, PLAN_KEY: planKey },
      statements: [
        allowPartitions(['GetItem', 'PutItem'], accounts, { key: accountKey(probeAccount) }),
        allowPartitions(['BatchGetItem', 'ConditionCheckItem'], accounts, {
          key: generationKey(probeAccount),
        }),
        allowPartitions(['PutItem'], accounts, { key: apiKeyKey(probeKeyId) }),
        allowPartitions(['PutItem'], accounts, { key: accountKeysKey(probeAccount) }),
        allowPartitions(['PutItem'], accounts, { key: auditKey(probeAccount) }),
        allowPartitions(['PutItem'], accounts, { key: accountsKey }),
      ],
      asynchronous: {
        retryAttempts: 0,
        maxEventAgeMinutes: probeEveryMinutes,
        deadLetters: { leftOut: true, reason: 'the next run asks the same' },
      },
    });
    this.function = probe.function;

    new Rule(this, 'EveryMinute', {
      description: `Runs the probe of Weir ${stage.name} every minute`,
      schedule: Schedule.rate(Duration.minutes(probeEveryMinutes)),
      enabled: true,
      targets: [
        new LambdaFunction(probe.live, {
          retryAttempts: 0,
          maxEventAge: Duration.minutes(probeEveryMinutes),
        }),
      ],
    });
  }
}
