"""The network in PyTorch, timed for bench/network.ts: WORK THREADS ROUNDS MAPS WEIGHTS."""
import json
import resource
import sys
import time

start = time.time()
import numpy as np
import torch
from torch import nn

work, threads, rounds, maps_file, weights_file = sys.argv[1:]
torch.set_num_threads(int(threads))


def block(inputs, outputs, kernel, pool):
    layers = [nn.Conv3d(inputs, outputs, kernel), nn.BatchNorm3d(outputs), nn.ReLU()]
    return layers + [nn.MaxPool3d(2)] if pool else layers


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            *block(1, 32, 7, False),
            *block(32, 64, 5, True),
            *block(64, 128, 5, True),
            *block(128, 256, 3, True),
            nn.Conv3d(256, 384, 1),
            nn.ReLU(),
            nn.AvgPool3d(3, stride=2),
        )
        self.mlp = nn.Sequential(nn.Linear(384, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, maps):
        return self.mlp(self.conv(maps).flatten(1))


maps = torch.from_numpy(np.fromfile(maps_file, "<f4")).view(-1, 1, 64, 64, 64)
network = Network()
network.load_state_dict(torch.load(weights_file)["model_state_dict"])


def predict():
    with torch.no_grad():
        return network(maps).flatten().tolist()


def train():
    network.zero_grad()
    predictions = network(maps)
    found = torch.sigmoid(10 * (maps.flatten(1) - predictions))
    loss = ((found - torch.sigmoid(10 * (maps.flatten(1) + 0.5))) ** 2).mean()
    loss.backward()
    norms = [parameter.grad.norm().item() for name, parameter in network.named_parameters() if name.startswith("mlp")]
    return [loss.item(), *norms]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


network.train(work == "train")
opened = time.time() - start
result, cpu, wall = [], [], []
for _ in range(int(rounds)):
    cpu_start, wall_start = cpu_seconds(), time.time()
    result = train() if work == "train" else predict()
    cpu.append(cpu_seconds() - cpu_start)
    wall.append(time.time() - wall_start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"opened": opened, "cpu": cpu, "wall": wall, "result": result, "peak": peak}))
