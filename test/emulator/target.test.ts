import { describe, expect, it } from 'vitest';
import { CannotRun, connectionTo, readTarget } from './target.ts';

const local = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566/' };

describe('the target of the emulator suite', () => {
  it('is the address in AWS_ENDPOINT_URL, by default in us-east-1', () => {
    expect(readTarget(local)).toMatchObject({ endpoint: 'http://127.0.0.1:4566', region: 'us-east-1' });
    expect(readTarget({ ...local, AWS_REGION: 'eu-central-1' }).region).toBe('eu-central-1');
  });

  it.each([
    'https://dynamodb.eu-central-1.amazonaws.com',
    'https://amazonaws.com',
    'https://kinesis.cn-north-1.amazonaws.com.cn',
    'https://lambda.us-east-1.api.aws',
    'https://dynamodb.us-east-1.amazonaws.com.',
  ])('is never AWS, as %s is', (AWS_ENDPOINT_URL) => {
    expect(() => readTarget({ AWS_ENDPOINT_URL })).toThrow(/is AWS itself/);
  });

  it.each([
    [undefined, 'AWS_ENDPOINT_URL is missing'],
    ['', 'AWS_ENDPOINT_URL is missing'],
    ['127.0.0.1:4566', 'is not a web address'],
    ['ftp://127.0.0.1', 'is not a web address'],
  ])('must be a web address: %s is refused', (AWS_ENDPOINT_URL, message) => {
    const read = () => readTarget({ AWS_ENDPOINT_URL });

    expect(read).toThrow(CannotRun);
    expect(read).toThrow(message);
  });

  it('gets no credentials that are valid on AWS, and no other address', () => {
    const mine = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    const elsewhere = { AWS_ENDPOINT_URL_S3: 'https://s3.amazonaws.com' };
    const target = readTarget({ ...local, ...mine, ...elsewhere, AWS_PROFILE: 'prod', PATH: '/bin' });

    expect(target.environment).toMatchObject({ AWS_ACCESS_KEY_ID: 'test', PATH: '/bin' });
    expect(target.environment.AWS_SESSION_TOKEN).toBeUndefined();
    expect(target.environment.AWS_PROFILE).toBeUndefined();
    expect(target.environment.AWS_ENDPOINT_URL_S3).toBeUndefined();
    expect(JSON.stringify(connectionTo(target))).not.toContain('AKIA');
  });
});
