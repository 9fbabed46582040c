import { describe, expect, it } from 'vitest';
import { queuePlace } from './queue-place.js';

const TOKEN = { MASKLOOM_QUEUE_TOKEN: 'sixteen letters and more' };

describe('queuePlace', () => {
  it('takes secrets out of the URL, so that it can be shown', () => {
    const place = queuePlace('rediss://me:p%40ss@host:7000/3', TOKEN);
    expect(place).toEqual({
      url: 'rediss://host:7000/3',
      username: 'me',
      password: 'p@ss',
      token: TOKEN.MASKLOOM_QUEUE_TOKEN,
    });
  });

  it('reads secrets from the environment, the whole address as well', () => {
    const env = { ...TOKEN, MASKLOOM_QUEUE_URL: 'redis://host', MASKLOOM_QUEUE_PASSWORD: 'hush' };
    expect(queuePlace(undefined, env)).toMatchObject({ url: 'redis://host/0', password: 'hush' });
    expect(queuePlace('env', env)).toEqual(queuePlace(undefined, env));
  });

  it.each(['http://h/0', 'redis://', 'redis://h:1/zero', 'redis://h:1/0?password=hush', 'redis://:hush@/0'])(
    'refuses %s without repeating it',
    (text) => {
      expect(() => queuePlace(text, TOKEN)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
      expect(() => queuePlace(text, TOKEN)).not.toThrow(/hush/);
    },
  );

  it('wants a token that cannot be guessed', () => {
    expect(() => queuePlace('redis://h', {})).toThrow(/needs a token/);
    expect(() => queuePlace('redis://h', { MASKLOOM_QUEUE_TOKEN: 'short' })).toThrow(/shorter than 16/);
  });
});
