"""Writes files of weights as PyTorch's users do, and loads those that siren wrote.

Called by torch_test.ts with a folder that holds cases.json: the shapes of a network's tensors by name, and
the names of the files to load. Prints what was found as JSON.
"""

import collections
import json
import os
import sys

import numpy
import torch

folder = sys.argv[1]
with open(os.path.join(folder, "cases.json")) as file:
    cases = json.load(file)
shapes = cases["shapes"]
# PyTorch 1 cannot read numbers with a fraction in its careful way.
IS_NEW = int(torch.__version__.split(".")[0]) >= 2
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def numbers(shape, seed, positive=False):
    """The numbers that testNumbers of testing.ts gives."""
    count = int(numpy.prod(shape)) if shape else 1
    values = ((7 * torch.arange(count) + 3 * seed) % 13 - 6).float() / 8
    return (values.abs() + 0.5 if positive else values).reshape(shape)


def state_dict(names=lambda name: name, change=lambda tensor: tensor):
    state = collections.OrderedDict()
    for seed, (name, shape) in enumerate(shapes.items()):
        if name.endswith("tracked"):
            state[names(name)] = torch.tensor(5)
        else:
            state[names(name)] = change(numbers(shape, seed, name.endswith("var")))
    return state


def parameters():
    return [
        torch.nn.Parameter(value)
        for name, value in state_dict().items()
        if not name.endswith(BUFFERS)
    ]


def stepped(optimizer, params):
    for param in params:
        param.grad = torch.full_like(param, 0.5)
    optimizer.step()
    optimizer.step()
    return optimizer.state_dict()


def save(name, content, **options):
    torch.save(content, os.path.join(folder, name), **options)


class Call:
    def __init__(self, call, *args):
        self.call, self.args = call, args

    def __reduce__(self):
        return self.call, self.args


params = parameters()
adam = stepped(torch.optim.Adam(params, lr=2e-6), params)
loss = torch.nn.MSELoss()
whole = {"epoch": 3, "model_state_dict": state_dict(), "optimizer_state_dict": adam, "loss": loss}
save("siren.pth", whole)
save("bare.pth", state_dict())
save("plain_dict.pth", dict(state_dict()))
save("state_dict.pth", {"state_dict": state_dict(), "epoch": numpy.int64(2), "loss": numpy.float32(0.25)})
save("protocol4.pth", whole, pickle_protocol=4)
save("module.pth", {**whole, "model_state_dict": state_dict(lambda name: "module." + name)})
save("module_model.pth", state_dict(lambda name: "module.model." + name))
save("half.pth", state_dict(change=lambda tensor: tensor.half()))
save("bfloat16.pth", state_dict(change=lambda tensor: tensor.bfloat16()))
save("double.pth", {**whole, "model_state_dict": state_dict(change=lambda tensor: tensor.double())})
save("parameters.pth", state_dict(change=torch.nn.Parameter))
save("tensor_loss.pth", {**whole, "loss": torch.tensor(0.75, requires_grad=True) * 1})
save("numpy_loss.pth", {**whole, "loss": numpy.float64(0.1)})
save("list_loss.pth", {**whole, "loss": [numpy.array([1.0, 2.0]), torch.Size([2]), torch.device("cpu")]})


def transposed(tensor):
    """The same numbers, laid out with the axes the other way round, and with a gap before them."""
    axes = list(range(tensor.dim()))[::-1]
    laid = tensor.permute(axes).contiguous().permute(axes)
    gap = torch.empty(laid.numel() + 5)
    view = gap.as_strided(laid.size(), laid.stride(), 5)
    return view.copy_(tensor)


save("transposed.pth", state_dict(change=transposed))
shared = state_dict()
every = torch.cat([tensor.flatten() for tensor in shared.values() if tensor.is_floating_point()])
place = 0
for name, tensor in shared.items():
    if tensor.is_floating_point():
        shared[name] = every[place : place + tensor.numel()].view(tensor.shape)
        place += tensor.numel()
save("shared.pth", shared)

tag = torch.serialization.location_tag
torch.serialization.location_tag = lambda storage: "cuda:0"
save("cuda.pth", whole)
torch.serialization.location_tag = tag

sgd = torch.optim.SGD(params, lr=1e-3, momentum=0.9)
save("sgd.pth", {**whole, "optimizer_state_dict": stepped(sgd, params)})
some = parameters()
save("some.pth", {**whole, "optimizer_state_dict": stepped(torch.optim.Adam(some), some[:3])})
groups = parameters()
split = torch.optim.Adam([{"params": groups[:4], "lr": 5e-6}, {"params": groups[4:]}])
save("groups.pth", {**whole, "optimizer_state_dict": stepped(split, groups)})

save("old.pth", whole, _use_new_zipfile_serialization=False)
save("model.pth", torch.nn.Linear(2, 1))
save("system.pth", {**whole, "loss": [("a", {"b": Call(os.system, "true")})]})
save("eval.pth", {**whole, "epoch": Call(eval, "1")})
save("getattr.pth", Call(getattr, loss, "forward"))
save("sparse.pth", {"model_state_dict": {"a": torch.eye(2).to_sparse()}})
save("list.pth", [1, 2])
save("other_keys.pth", {"net": state_dict()})
save("nan.pth", state_dict(change=lambda tensor: tensor / 0))


def load(case):
    """Loads a file of siren's as SIREn's programs do; tells what is wrong with it."""
    path = os.path.join(folder, case["file"])
    content = torch.load(path, **({"weights_only": True} if IS_NEW else {}))
    keys = ["epoch", "model_state_dict", "optimizer_state_dict", "loss"]
    if list(content) != keys:
        return f"keys {list(content)}"
    state = content["model_state_dict"]
    like = torch.load(case["like"], weights_only=False) if "like" in case else {"model_state_dict": state_dict()}
    expected = like["model_state_dict"]
    if type(state) is not collections.OrderedDict or list(state) != list(expected):
        return f"a {type(state).__name__} of {list(state)}"
    for name, tensor in state.items():
        if tensor.dtype != expected[name].dtype or not torch.equal(tensor, expected[name]):
            return name
    own = [
        torch.nn.Parameter(tensor.clone())
        for name, tensor in state.items()
        if not name.endswith(BUFFERS)
    ]
    optimizer = torch.optim.Adam(own, lr=0.5)
    optimizer.load_state_dict(content["optimizer_state_dict"])
    for i, param in enumerate(own):
        moments = optimizer.state[param]
        if case["step"] == 0:
            if moments:
                return "moments"
            continue
        if float(moments["step"]) != case["step"]:
            return "step"
        if not torch.equal(moments["exp_avg"], numbers(param.shape, 100 + i)):
            return f"mean {i}"
        if not torch.equal(moments["exp_avg_sq"], numbers(param.shape, 200 + i, True)):
            return f"square {i}"
    stepped(optimizer, own)
    found = {"epoch": content["epoch"], "loss": content["loss"], "lr": optimizer.param_groups[0]["lr"]}
    return {key: str(value) for key, value in found.items()}


print(json.dumps({case["file"]: load(case) for case in cases["load"]}))
