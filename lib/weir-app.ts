// The CDK app, the same for the CDK's command line, the offline twin and the tests. It validates every template: one
// with a finding is not synthesized, and so cannot be deployed.

import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT, STRICT_CFN_VALIDATE_ERRORS } from 'aws-cdk-lib/cx-api';
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks } from 'cdk-nag';

/** Not in cdk.json: the twin and the tests run the app without the CDK's command line, and need the same templates. */
const featureFlags = {
  ...recommended,
  // A table that a function still uses cannot be removed by accident. Weak references would allow it.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  // Warnings of the library's template validation fail synthesis too, as its errors do.
  [STRICT_CFN_VALIDATE_ERRORS]: true,
} as const;

export class WeirApp extends App {
  constructor(props: Pick<AppProps, 'outdir'> = {}) {
    super({
      ...props,
      analyticsReporting: false,
      context: featureFlags,
      // The CDK's command line sets this to false and lets warnings pass. Here they fail synthesis in every run.
      postCliContext: { [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: true },
    });
    // In addition to the library's own validation, which is always on.
    Validations.of(this).addPlugins(new AwsSolutionsChecks(this));
  }
}
