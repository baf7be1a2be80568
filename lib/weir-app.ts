// The CDK app as every run of it has it: the CDK's command line, the offline twin and the tests. It holds what judges
// the templates, so that none is synthesized, and so none deployed, that a judge has something against.

import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { featureFlags } from './stage/feature-flags.ts';

export class WeirApp extends App {
  constructor(props: Pick<AppProps, 'outdir'> = {}) {
    super({
      ...props,
      analyticsReporting: false,
      context: featureFlags,
      // The command line would take over and let warnings pass; the app is as strict under it as without it.
      postCliContext: { [FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT]: true },
    });
    // The library's own validation of templates is there without being asked for.
    Validations.of(this).addPlugins(new AwsSolutionsChecks(this));
  }
}
