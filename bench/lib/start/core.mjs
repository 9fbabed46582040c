import '@maskloom/core';
